"""What the real drivers raise, through a real view."""

import threading

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from rest_framework.test import APIClient

from tests.api.asking import problem_of
from tests.factories import UserFactory

pytestmark = [pytest.mark.urls("tests.api.urls"), pytest.mark.django_db(transaction=True)]

BUSY = ("The service is busy. Try again in a moment.", None)
on_sqlite = pytest.mark.skipif(settings.DATABASE_ENGINE != "sqlite3", reason="SQLite's own trouble")
on_postgresql = pytest.mark.skipif(settings.DATABASE_ENGINE == "sqlite3", reason="PostgreSQL's own trouble")


def ask(statement):
    return APIClient(raise_request_exception=False).get("/api/v1/database", {"statement": statement})


@pytest.fixture
def locked(learner):
    """Another connection holds the learner's row, or the whole of SQLite."""
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


def test_second_of_a_kind_is_a_conflict(learner):
    statement = f"UPDATE accounts_user SET username = '{learner.username}' WHERE id = {UserFactory().pk}"
    assert problem_of(ask(statement), 409, "conflict") == ("Something with the same identity exists already.", None)


def test_bug_in_our_sql_is_our_fault():
    answer = ask("SELECT secret FROM vault")

    assert problem_of(answer, 500, "server_error")
    assert b"vault" not in answer.content


@on_sqlite
def test_sqlite_that_is_locked_is_busy(locked):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    answer = ask("UPDATE accounts_user SET language = 'en'")
    connection.close()  # and with it the impatience

    assert problem_of(answer, 503, "unavailable") == BUSY
    assert answer["Retry-After"] == "1"


@on_postgresql
@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_postgresql_that_waits_too_long_is_busy(locked, limit):
    answer = ask(f"SET LOCAL {limit} = 50; UPDATE accounts_user SET language = 'en'")

    assert problem_of(answer, 503, "unavailable") == BUSY
    assert answer["Retry-After"] == "1"


@on_postgresql
def test_connection_that_was_cut_is_busy():
    assert problem_of(ask("SELECT pg_terminate_backend(pg_backend_pid())"), 503, "unavailable") == BUSY
