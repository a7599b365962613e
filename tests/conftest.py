"""Fixtures for all tests. Each test starts with empty caches, and the ledger is audited after it."""

import copy
import gc
import os
from pathlib import Path

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation
from rest_framework.test import APIClient

from benchmarks import migrated
from tests.factories import PASSWORD, StaffFactory, UserFactory
from tests.kept_rows import make_once
from tests.shipped_catalogue import load_catalogue

gc.set_threshold(50_000, 20, 100)  # more often, it takes a fifth of the processor time

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def uses_database(item):
    return bool(item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(item.fixturenames))


# Browsers, generated clients, and pages that are searched for texts: these are slow and do not depend on the database.
NOT_AGAIN = {"browser", "clients", "test_stored_xss.py", "test_every_admin_page.py"}


def runs_again(item):
    """Tests that use the database. `any_database` marks single ones that do not depend on which one it is."""
    return uses_database(item) and not NOT_AGAIN & set(item.path.parts) and not item.get_closest_marker("any_database")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the tests that run again on PostgreSQL, before `-m` selects tests."""
    for item in items:
        if runs_again(item):
            item.add_marker("storage")


def pytest_collection_finish():
    """Never look for garbage among what was imported and collected."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_keepdb():
    """On SQLite, so that the copy of django_db_modify_db_settings is taken as it is."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Begin with a copy of a migrated database, to which `migrate` then adds nothing."""
    of_tests = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        migrated.copy_to_file(Path(of_tests["NAME"]))
    else:
        of_tests["TEMPLATE"] = migrated.original_on(os.environ["TEST_DATABASE_URL"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Flush the database as in flushing.py after a test that commits, in maintenance mode because of the triggers."""
    from gamification.ledger.triggers import maintenance_mode
    from tests import flushing

    operations = type(connection.ops)
    plain_flush = operations.execute_sql_flush

    def flush_in_maintenance_mode(self, sql_list):
        with transaction.atomic(), maintenance_mode(self.connection):
            plain_flush(self, sql_list)

    # On the class, because with the event loop of a browser Django uses another connection in this thread.
    operations.execute_sql_flush = flush_in_maintenance_mode
    TransactionTestCase._fixture_teardown = flushing.flush


@pytest.fixture(autouse=True)
def _empty_caches():
    from gamification.metrics.reading import forget_words

    for cache in caches.all():
        cache.clear()
    forget_words()


@pytest.fixture(autouse=True)
def _ledger_adds_up(request):
    """Audit the ledger after every test. `@pytest.mark.tampers` marks tests that break the ledger on purpose."""
    if not uses_database(request.node) or request.node.get_closest_marker("tampers"):
        yield
        return
    request.getfixturevalue("db")  # so that this fixture ends before the database is rolled back
    yield
    from gamification.ledger.audit import find_mismatches

    if not connection.needs_rollback:
        assert find_mismatches() == []


@pytest.fixture(autouse=True)
def _in_english():
    """A request of an earlier test has left its language in this thread."""
    translation.deactivate()


@pytest.fixture
def unlimited(settings):
    """For tests about something else, in which nobody plays as long as people do."""
    settings.TRUST_LIMITS = False


@pytest.fixture
def api():
    """A client that is not signed in."""
    return APIClient()


@pytest.fixture
def sign_in(db):
    """`sign_in(user)` returns a client with that user's bearer token. Call it in frozen time, because tokens expire."""

    def sign_in(user, password=PASSWORD):
        client = APIClient()
        answer = client.post("/api/v1/auth/login", {"username": user.username, "password": password}, format="json")
        assert answer.status_code == 200, answer.content
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        return client

    return sign_in


@pytest.fixture
def demo(settings, transactional_db):
    """The catalogue and the demo users of `make run`."""
    settings.DEMO = True
    load_catalogue()
    make_once("demo", lambda: call_command("load_demo"))


@pytest.fixture(scope="module")
def make_for_file(django_db_setup, django_db_blocker):
    """`make_for_file(make)` makes rows once for the tests of a file, in a transaction around those of the tests."""

    def make_for_file(make):
        with django_db_blocker.unblock():
            return make()

    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
    yield make_for_file
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(scope="module")
def shared_world(make_for_file):
    from tests.security.world import make_world

    return make_for_file(make_world)


@pytest.fixture
def world(shared_world, db):
    """A copy, since tests change its objects; what they change in the database is rolled back."""
    return copy.deepcopy(shared_world)


@pytest.fixture
def learner(db):
    return UserFactory()


@pytest.fixture
def learner_api(sign_in, learner):
    return sign_in(learner)


@pytest.fixture
def staff(db):
    return StaffFactory()


@pytest.fixture
def staff_api(sign_in, staff):
    return sign_in(staff)
