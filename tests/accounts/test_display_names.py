"""Display names are readable, and nobody can pass for a member of staff or for a sign-in name."""

from importlib import import_module
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from skillquest.accounts.display_names import (
    LOOKS_LIKE_A_NAME,
    LOOKS_LIKE_SOMEBODY,
    TOO_MANY_CHANGES,
    TOO_MANY_MARKS,
    UNREADABLE,
    skeleton,
    tidy,
    username_skeleton,
)
from skillquest.accounts.models import User
from tests.accounts.api_calls import field_errors, problem
from tests.factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
ME = "/api/v1/auth/me"


def rename(api, name):
    return api.patch(ME, {"display_name": name})


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("Ana Lestari", "Ana Lestari"),
        ("  Ana \u3000 Lestari ", "Ana Lestari"),
        ("Ａｎａ", "Ana"),
        ("Jose\u0301", "José"),
        ("Nguyễn Thị Minh Khai", "Nguyễn Thị Minh Khai"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("क्षत्रिय", "क्षत्रिय"),
        ("น้ำผึ้ง", "น\u0e49\u0e4d\u0e32ผึ้ง"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("王小明", "王小明"),
        ("O'Neill-Díaz, Jr.", "O'Neill-Díaz, Jr."),
        ("", ""),
    ],
)
def test_readable_names_are_kept_in_their_composed_form(learner_api, name, stored):
    answer = rename(learner_api, name)
    assert (answer.status_code, answer.json()["display_name"]) == (200, stored)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("\u200b", UNREADABLE),
        ("\u3164", UNREADABLE),
        ("\u2800\u2800", UNREADABLE),
        ("\u200d", UNREADABLE),
        ("\ufe0f", UNREADABLE),
        ("...", UNREADABLE),
        ("a\u202eb", UNREADABLE),
        ("two\nlines", UNREADABLE),
        ("A\u00adna", UNREADABLE),
        ("a\u200d\u200d\u200db", UNREADABLE),
        ("\U000e0041na", UNREADABLE),
        ("a" + "\u0301" * 70, TOO_MANY_MARKS),
        ("x\u0300\u0301\u0302\u0303", TOO_MANY_MARKS),
        ("x\u0316\u0316", TOO_MANY_MARKS),
    ],
)
def test_names_that_cannot_be_read_are_refused(learner_api, learner, learner_page, name, message):
    assert problem(rename(learner_api, name)) == field_errors(display_name=[message])
    form = {"display_name": name, "time_zone": "UTC", "language": "en"}
    assert learner_page.post("/profile", form).context["form"].errors == {"display_name": [message]}
    assert User.objects.get(pk=learner.pk).display_name == ""


@pytest.fixture
def learner_page(client, learner):
    client.force_login(learner)
    return client


@pytest.mark.parametrize(
    "name",
    [
        "demo-staff",
        "Demo Staff",
        "dem0_staff",
        "DEMO STAFF!",
        "d\u0435mo staff",  # Cyrillic
        "\u0394emo staff".replace("\u0394", "\uff44"),  # full width
        "dëmo ståff",
        "demo\u200c-staff",
        "the boss",  # her display name
        "The B\u03bfss",  # Greek
        "rnaria",  # looks like the sign-in name of a learner
        "Maria",
        "mar1a",
    ],
)
def test_names_that_look_like_staff_or_like_a_sign_in_name_are_refused(learner_api, learner_page, name):
    StaffFactory(username="demo-staff", display_name="The Boss")
    UserFactory(username="maria")
    assert problem(rename(learner_api, name)) == field_errors(display_name=[LOOKS_LIKE_SOMEBODY])
    form = {"display_name": name, "time_zone": "UTC", "language": "en"}
    assert learner_page.post("/profile", form).context["form"].errors == {"display_name": [LOOKS_LIKE_SOMEBODY]}


def admin_form(user, name):
    return {"username": user.username, "email": user.email, "display_name": name, "language": "en", "is_active": "on"}


@pytest.mark.parametrize("name", ["Demo Staff", "d\u0435mo staff", "the boss", "mar1a"])
def test_the_admin_refuses_the_names_that_the_api_refuses(client, learner, name):
    client.force_login(StaffFactory(username="demo-staff", display_name="The Boss"))
    UserFactory(username="maria")
    answer = client.post(f"/admin/accounts/user/{learner.pk}/change/", admin_form(learner, name))
    assert answer.context["adminform"].errors == {"display_name": [LOOKS_LIKE_SOMEBODY]}
    assert User.objects.get(pk=learner.pk).display_name == ""


def test_the_admin_saves_a_display_name_that_has_not_changed(client, learner):
    client.force_login(StaffFactory())
    User.objects.filter(pk=learner.pk).update(display_name="Maria")
    UserFactory(username="maria")
    path = f"/admin/accounts/user/{learner.pk}/change/"
    assert client.post(path, admin_form(learner, "Maria") | {"language": "id"}).status_code == 302
    assert User.objects.values_list("display_name", "language").get(pk=learner.pk) == ("Maria", "id")


def test_two_learners_may_have_the_same_display_name(learner_api):
    UserFactory(username="ms1988", display_name="Maria")
    assert rename(learner_api, "Maria").status_code == 200


@pytest.mark.parametrize("username", ["the-boss", "The.B0ss", "theboss", "maria", "rnaria", "Mar1a"])
def test_a_username_that_looks_like_a_display_name_is_refused(api, client, username):
    StaffFactory(username="chief", display_name="Th\u0435 Boss")  # Cyrillic
    UserFactory(username="ms1988", display_name="María")
    form = {"username": username, "email": "new@example.test", "password": "a quite long horse"}
    answer = api.post("/api/v1/auth/register", form)
    assert (answer.status_code, problem(answer)) == (400, field_errors(username=[LOOKS_LIKE_A_NAME]))
    assert client.post("/sign-up", form).context["form"].errors == {"username": [LOOKS_LIKE_A_NAME]}
    assert not User.objects.with_username(username).exists()


def test_the_admin_refuses_usernames_that_look_like_a_display_name(client, staff, learner):
    UserFactory(display_name="The Boss")
    client.force_login(staff)
    path = f"/admin/accounts/user/{learner.pk}/change/"
    answer = client.post(path, admin_form(learner, "") | {"username": "theboss"})
    assert answer.context["adminform"].errors == {"username": [LOOKS_LIKE_A_NAME]}
    assert client.post(path, admin_form(learner, "")).status_code == 302
    passwords = {"password1": "a quite long horse", "password2": "a quite long horse", "usable_password": "true"}
    answer = client.post("/admin/accounts/user/add/", {"username": "the-boss", "email": "", **passwords})
    assert answer.context["adminform"].errors == {"username": [LOOKS_LIKE_A_NAME]}


def test_a_display_name_that_was_given_up_is_free_as_a_username(api, sign_in):
    learner = UserFactory(display_name="Maria")
    assert rename(sign_in(learner), "Budi").status_code == 200
    form = {"username": "maria", "email": "new@example.test", "password": "a quite long horse"}
    assert api.post("/api/v1/auth/register", form).status_code == 201


def test_display_names_are_found_by_an_index():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows is read faster without any index
    plan = User.objects.shown_like("marla").explain()
    assert "INDEX display_name_skeleton" in plan.replace("Index Scan using", "INDEX")


def test_checking_a_name_takes_as_many_statements_with_many_staff(learner_api):
    def statements(name):
        with CaptureQueriesContext(connection) as queries:
            assert rename(learner_api, name).status_code == 200
        return len(queries)

    before = statements("Maria")
    for number in range(20):
        StaffFactory(display_name=f"Colleague {number}")
    assert statements("Budi") == before


def test_the_migration_derives_the_skeletons():
    users = [UserFactory(display_name=name).pk for name in ("Maria", "")]
    User.objects.update(display_name_skeleton="")
    migration = import_module("skillquest.accounts.migrations.0006_display_name_skeletons")
    migration.derive_skeletons(apps, SimpleNamespace(connection=connection))
    assert [*User.objects.order_by("pk").values_list("pk", "display_name_skeleton")] == [
        (users[0], "marla"),
        (users[1], ""),
    ]


def test_the_own_username_may_be_the_display_name(learner_api, learner):
    assert rename(learner_api, learner.username.title()).status_code == 200


def test_an_unchanged_display_name_is_not_checked_again(learner_api, learner):
    User.objects.filter(pk=learner.pk).update(display_name="Maria")
    UserFactory(username="maria")
    assert rename(learner_api, "Maria").status_code == 200


def test_a_name_is_changed_at_most_twice_a_day(learner_api, settings):
    settings.RATELIMIT_ENABLE = True
    with time_machine.travel(timezone.now(), tick=False):
        assert [rename(learner_api, name).status_code for name in ("One", "Two", "Two")] == [200] * 3
        assert problem(rename(learner_api, "Three")) == field_errors(display_name=[TOO_MANY_CHANGES])
        assert learner_api.patch(ME, {"language": "id"}).status_code == 200
        assert rename(learner_api, "").status_code == 200


@pytest.mark.parametrize("username", ["demo-staff", "Maria.1988", "B_i_l_l+0", "r-n", "RRNN", "a" * 50])
def test_the_database_compares_usernames_as_we_do(username):
    user = UserFactory(username=username)
    assert User.objects.alias(key=username_skeleton()).get(key=skeleton(username)) == user


def test_the_comparison_uses_its_index():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a handful of rows is read faster without any index
    plan = User.objects.alias(key=username_skeleton()).filter(key="maria").explain()
    assert "username_skeleton" in plan


@given(st.text(max_size=100))
def test_a_tidied_name_is_tidy(name):
    assert tidy(tidy(name)) == tidy(name)


def test_the_migration_tidies_names_and_empties_unreadable_ones(caplog):
    names = {"Ａna": "Ana", "\u200b": "", "Budi": "Budi", "a" + "\u0301" * 70: ""}
    users = {UserFactory(display_name=before).pk: after for before, after in names.items()}
    migration = import_module("skillquest.accounts.migrations.0004_display_names")
    migration.tidy_names(apps, SimpleNamespace(connection=connection))
    assert dict(User.objects.values_list("pk", "display_name")) == users
    emptied = [pk for pk, after in users.items() if not after]
    assert f"are empty now: {emptied}" in caplog.text
