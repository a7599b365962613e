"""A prepared queryset returns what the queryset returns, with every version of Django's internals."""

from inspect import signature

import pytest
from django.db import connection, models
from django.db.models import F, query
from django.db.models.sql.compiler import SQLCompiler

from gamification.models import LearnerProfile, LedgerEntry
from hotsql import querysets
from hotsql.querysets import Prepared
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite uses the plain queryset")


@pytest.fixture
def profiles():
    return [UserFactory(username=name, profile__counters={name: 1}).profile for name in ("one", "two")]


def find_profiles(name):
    """With a related row and an annotation."""
    return LearnerProfile.objects.select_related("user").annotate(name=F("user__username")).filter(user__username=name)


@pytest.fixture
def find():
    return Prepared(find_profiles)


@pytest.fixture
def prepare_with():
    """`prepare_with(change)` is compiled while Django is changed; Django itself is then whole again."""
    with pytest.MonkeyPatch.context() as django:

        def prepare_with(change):
            def build(name):
                django.undo()
                if name not in ("one", "two"):  # a placeholder
                    change(django)
                return find_profiles(name)

            return Prepared(build)

        yield prepare_with


@pytest.fixture
def _nothing_logged_yet():
    querysets._log_fallback.cache_clear()
    yield
    querysets._log_fallback.cache_clear()


def assert_finds(find, profiles):
    """With the related row, JSON, the annotation, and another value the second time."""
    for profile in profiles:
        (found,) = find(profile.user.username)
        assert (found, found._state.fields_cache) == (profile, {"user": profile.user})
        assert (found.counters, found.name) == (profile.counters, profile.user.username)
        assert (found._state.adding, found._state.db) == (False, "default")
    assert find("three") == []


def test_a_prepared_queryset_gives_what_the_queryset_gives(find, profiles):
    assert_finds(find, profiles)


@only_postgresql
def test_the_installed_django_has_the_expected_internals(find, profiles):
    assert_finds(find, profiles)
    assert find.statements[(str,)] is not None


@only_postgresql
def test_a_value_that_is_not_a_parameter_as_it_is_is_refused():
    with pytest.raises(ValueError, match="as it is"):
        Prepared(lambda number: LedgerEntry.objects.filter(sequence=number + 1))(5)


@only_postgresql
@pytest.mark.parametrize("has_fetch_mode", [False, True], ids=["up to Django 6.0", "since Django 6.1"])
def test_related_rows_are_read_with_and_without_a_fetch_mode(prepare_with, profiles, has_fetch_mode):
    received = []
    installed = query.get_related_populators
    installed_takes = len(signature(installed).parameters)
    fetch_one = getattr(models, "FETCH_ONE", object())

    def older(klass_info, select, db, *nested):
        received.append(nested)
        return installed(*[klass_info, select, db, fetch_one][:installed_takes])

    def newer(klass_info, select, db, fetch_mode=None):
        return older(klass_info, select, db, fetch_mode)

    def change(django):
        django.setattr(models, "FETCH_ONE", fetch_one, raising=False)
        django.setattr(query, "get_related_populators", newer if has_fetch_mode else older)

    find = prepare_with(change)
    assert_finds(find, profiles)
    assert find.statements[(str,)] is not None
    assert received[0] == ((fetch_one,) if has_fetch_mode else ())


def more_arguments(one, two, three, four, five):
    raise AssertionError("Called with fewer arguments than it has.")


@only_postgresql
@pytest.mark.usefixtures("_nothing_logged_yet")
@pytest.mark.parametrize(
    "change",
    [
        lambda django: django.delattr(query, "get_related_populators"),
        lambda django: django.setattr(query, "get_related_populators", more_arguments),
        lambda django: django.delattr(SQLCompiler, "get_converters"),
        lambda django: django.setattr(SQLCompiler, "apply_converters", more_arguments),
    ],
    ids=["import error", "other signature", "missing attribute", "other signature of a method"],
)
def test_other_internals_lead_to_the_plain_queryset(prepare_with, caplog, profiles, change):
    """It is decided at the first use, and logged once for all querysets."""
    for find in (prepare_with(change), prepare_with(change)):
        assert [find(profile.user.username) for profile in profiles] == [[profile] for profile in profiles]
        assert find.statements == {(str,): None}
    assert [record.levelname for record in caplog.records if record.name == "hotsql.querysets"] == ["WARNING"]
