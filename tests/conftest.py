"""Fixtures for every test, and the two promises kept after each: caches are empty, the ledger adds up."""

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from rest_framework.test import APIClient

from tests.factories import PASSWORD, StaffFactory, UserFactory

DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def uses_database(item):
    return bool(item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(item.fixturenames))


def runs_again(item):
    """Whatever touches the database, except browsers and generated clients: slow, and the same on any database."""
    return uses_database(item) and not {"browser", "clients"} & set(item.path.parts)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what has to run again on PostgreSQL; before `-m` chooses."""
    for item in items:
        if runs_again(item):
            item.add_marker("storage")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Let the flush after a transactional test pass the ledger's triggers."""
    from gamification.ledger.triggers import maintenance_mode

    operations = type(connection.ops)
    plain_flush = operations.execute_sql_flush

    def flush_in_maintenance_mode(self, sql_list):
        with transaction.atomic(), maintenance_mode(self.connection):
            plain_flush(self, sql_list)

    # On the class: once a browser runs, its event loop makes Django use another connection in this thread.
    operations.execute_sql_flush = flush_in_maintenance_mode


@pytest.fixture(autouse=True)
def _empty_caches():
    for cache in caches.all():
        cache.clear()


@pytest.fixture(autouse=True)
def _ledger_adds_up(request):
    """After every test, whatever it did. `@pytest.mark.tampers` is for those that break the ledger on purpose."""
    if not uses_database(request.node) or request.node.get_closest_marker("tampers"):
        yield
        return
    request.getfixturevalue("db")  # so that this fixture ends before the database is rolled back
    yield
    from gamification.ledger.audit import find_mismatches

    if not connection.needs_rollback:
        assert find_mismatches() == []


@pytest.fixture
def api():
    """A client that nobody has signed in."""
    return APIClient()


@pytest.fixture
def sign_in(db):
    """`sign_in(user)` -> a client with that user's bearer token. Call it inside frozen time: tokens have a date."""

    def sign_in(user, password=PASSWORD):
        client = APIClient()
        answer = client.post("/api/v1/auth/login", {"username": user.username, "password": password}, format="json")
        assert answer.status_code == 200, answer.content
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}")
        return client

    return sign_in


@pytest.fixture
def demo(settings, transactional_db):
    """The people of `make run`."""
    settings.DEMO = True
    call_command("load_catalogue", verbosity=0)
    call_command("load_demo")


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
