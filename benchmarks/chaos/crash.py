"""P4 and P5: kill -9 under load. Nothing acknowledged is lost, nothing is paid twice, the ledger adds up.

    python -m benchmarks.chaos.crash [--kills 20] [--seed 1]

P4 kills PostgreSQL, all processes at once; its control does the same with `synchronous_commit=off` and must lose some,
or the harness could not detect a loss. P5 kills the web workers on PostgreSQL, and everything on SQLite. Prints one
line of JSON each.
"""

import argparse
import contextlib
import json
import random
import re
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import product
from benchmarks.chaos.cluster import cluster
from benchmarks.chaos.retrying_clients import RetryingClients
from benchmarks.chaos.web_server import web_server
from benchmarks.migrated import migrated_sqlite, prepare

CLIENTS = 16
BETWEEN_KILLS = (0.6, 1.8)  # seconds
# A kill shows something only after some acknowledgements, however long the server takes to start.
LEAST_BETWEEN_KILLS, LONGEST_WAIT = 2 * CLIENTS, 60  # acknowledgements, seconds
NONE_LOST = {"acknowledged_lost": 0, "paid_twice": 0, "ledger_mismatches": 0, "refusals": 0}


@contextlib.contextmanager
def prepared_data() -> Iterator[Path]:
    """The folder of a cluster with a new installation, which the protocols copy."""
    with cluster() as postgres:
        prepare(postgres.url, catalogue=True)
        postgres.stop()
        yield postgres.data


def run_and_kill(port: int, kill_and_restart, options, *, before_kills=lambda: None) -> RetryingClients:
    tokens = [product.sign_up(port, f"player-{number}") for number in range(CLIENTS)]
    before_kills()
    rng = random.Random(options.seed)
    with RetryingClients(port, tokens, duplicates=0.3, seed=options.seed) as clients:
        for _ in range(options.kills):
            wait_for_acknowledgements(clients)
            time.sleep(rng.uniform(*BETWEEN_KILLS))
            kill_and_restart()
        time.sleep(1)
    return clients


def wait_for_acknowledgements(clients: RetryingClients) -> None:
    enough, give_up_at = len(clients.acknowledged) + LEAST_BETWEEN_KILLS, time.monotonic() + LONGEST_WAIT
    while len(clients.acknowledged) < enough and time.monotonic() < give_up_at:
        time.sleep(0.05)


def verdict(name: str, clients: RetryingClients, variables: dict[str, str], options, **more) -> dict:
    """Compare the clients' log of acknowledgements with what is in the database."""
    report = product.ledger_report(variables)
    stored = set(report["events"])
    figure = {
        "acknowledged_lost": len(set(clients.acknowledged) - stored),
        "paid_twice": sum(abs(learner["awards"] - learner["completions"]) for learner in report["learners"].values()),
        "ledger_mismatches": report["mismatches"],
        "refusals": len(clients.refusals),
    }
    return {
        "name": name,
        "seed": options.seed,
        "kills": options.kills,
        "calls": clients.calls,
        "acknowledged": len(clients.acknowledged),
        "failed_calls": clients.failures,
        "figure": figure,
        "refused": clients.refusals[:5],
        **more,
    }


def kill_postgresql(options, data: Path) -> dict:
    with cluster(data) as postgres:
        variables = product.environment(postgres.url)

        def kill_and_restart() -> None:
            postgres.kill()
            postgres.start()

        with web_server(variables, workers=2) as serving:
            clients = run_and_kill(serving.port, kill_and_restart, options)
        line = verdict("P4 PostgreSQL killed", clients, variables, options)
    return line | {"target": NONE_LOST, "pass": line["figure"] == NONE_LOST}


def kill_postgresql_without_durability(options, data: Path) -> dict:
    """The control. `wal_writer_delay` makes it likely that a loss is seen."""
    with cluster(data, synchronous_commit="off", wal_writer_delay="2s") as postgres:
        variables = product.environment(postgres.url)

        def kill_and_restart() -> None:
            postgres.kill()
            postgres.start()

        with web_server(variables, workers=2) as serving:
            # Completions may be lost, but not the accounts.
            clients = run_and_kill(serving.port, kill_and_restart, options, before_kills=postgres.checkpoint)
        line = verdict("P4 control, synchronous_commit=off", clients, variables, options)
    lost = line["figure"]["acknowledged_lost"]
    return line | {"target": {"acknowledged_lost": "> 0"}, "pass": lost > 0}


def kill_web_workers(options, data: Path) -> dict:
    with cluster(data) as postgres:
        variables = product.environment(postgres.url)
        with web_server(variables, workers=2) as serving:
            clients = run_and_kill(serving.port, serving.kill_workers, options)
        line = verdict("P5 web workers killed, PostgreSQL", clients, variables, options)
    return line | {"target": NONE_LOST, "pass": line["figure"] == NONE_LOST}


def kill_everything_on_sqlite(options) -> dict:
    with migrated_sqlite(catalogue=True) as database_url:
        variables = product.environment(database_url)
        with web_server(variables, workers=1) as serving:

            def kill_and_restart() -> None:
                serving.kill()
                serving.start()

            clients = run_and_kill(serving.port, kill_and_restart, options)
        line = verdict("P5 everything killed, SQLite", clients, variables, options)
        path = database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path)) as database:
            # Some constraints call this function, which Django only defines for its own connections.
            database.create_function("regexp", 2, lambda pattern, text: bool(re.search(pattern, text)))
            line["figure"]["integrity_check"] = database.execute("PRAGMA integrity_check").fetchone()[0]
    target = {**NONE_LOST, "integrity_check": "ok"}
    return line | {"target": target, "pass": line["figure"] == target}


ON_POSTGRESQL = [kill_postgresql, kill_postgresql_without_durability, kill_web_workers]


def run_all(options) -> Iterator[dict]:
    with prepared_data() as data:
        for protocol in ON_POSTGRESQL:
            yield protocol(options, data)
    yield kill_everything_on_sqlite(options)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.crash", description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = True
    for line in run_all(options):
        print(json.dumps(line), flush=True)
        passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
