"""Errors of the real database drivers, raised in a real view."""

import threading

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from rest_framework.test import APIClient

from tests.api.helpers import problem_of
from tests.factories import UserFactory

pytestmark = [pytest.mark.urls("tests.api.urls"), pytest.mark.django_db(transaction=True)]

BUSY = ("The service is busy. Try again in a moment.", None)
on_sqlite = pytest.mark.skipif(settings.DATABASE_ENGINE != "sqlite3", reason="only on SQLite")
on_postgresql = pytest.mark.skipif(settings.DATABASE_ENGINE == "sqlite3", reason="only on PostgreSQL")


def execute(statement):
    return APIClient(raise_request_exception=False).get("/api/v1/database", {"statement": statement})


@pytest.fixture
def locked(learner):
    """Another connection locks the learner's row, or on SQLite the whole database."""
    taken, done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("UPDATE accounts_user SET language = 'id' WHERE id = %s", [learner.pk])
                taken.set()
                done.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert taken.wait(10)
    yield
    done.set()
    thread.join()


def test_a_violated_unique_constraint_is_a_conflict(learner):
    statement = f"UPDATE accounts_user SET username = '{learner.username}' WHERE id = {UserFactory().pk}"
    assert problem_of(execute(statement), 409, "conflict") == ("Something with the same identity exists already.", None)


def test_invalid_sql_is_a_server_error():
    answer = execute("SELECT secret FROM vault")

    assert problem_of(answer, 500, "server_error")
    assert b"vault" not in answer.content


@on_sqlite
def test_a_locked_sqlite_database_is_unavailable(locked):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    answer = execute("UPDATE accounts_user SET language = 'en'")
    connection.close()  # so that the next connection has the normal timeout

    assert problem_of(answer, 503, "unavailable") == BUSY
    assert answer["Retry-After"] == "1"


@on_postgresql
@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_a_timeout_of_postgresql_is_unavailable(locked, limit):
    answer = execute(f"SET LOCAL {limit} = 50; UPDATE accounts_user SET language = 'en'")

    assert problem_of(answer, 503, "unavailable") == BUSY
    assert answer["Retry-After"] == "1"


@on_postgresql
def test_a_terminated_connection_is_unavailable():
    assert problem_of(execute("SELECT pg_terminate_backend(pg_backend_pid())"), 503, "unavailable") == BUSY
