"""P4 and P5: kill -9 under load. What a client was told stays true, nothing is paid twice, the books are right.

    python -m benchmarks.chaos.crash [--kills 20] [--seed 1]

P4 kills PostgreSQL, all processes at once; its control does the same with `synchronous_commit=off` and must lose some,
or the harness is blind. P5 kills the web workers on PostgreSQL, and everything on SQLite. One line of JSON each.
"""

import argparse
import contextlib
import json
import random
import re
import sqlite3
import sys
import time

from benchmarks import product
from benchmarks.chaos.clients import Crowd
from benchmarks.chaos.cluster import cluster
from benchmarks.chaos.web import web

CLIENTS = 16
BETWEEN_KILLS = (0.6, 1.8)  # seconds
# A server that is killed before it has said yes to anything shows nothing, however long it takes to start.
LEAST_BETWEEN_KILLS, PATIENCE = 2 * CLIENTS, 60  # acknowledgements, seconds
NONE_LOST = {"acknowledged_lost": 0, "paid_twice": 0, "ledger_mismatches": 0, "refusals": 0}


def prepared(database_url: str) -> dict[str, str]:
    variables = product.environment(database_url)
    product.manage(variables, "migrate", "--verbosity", "0")
    product.manage(variables, "load_catalogue")
    return variables


def storm_and_kill(port: int, kill_and_revive, options, *, settled=lambda: None) -> Crowd:
    tokens = [product.sign_up(port, f"player-{number}") for number in range(CLIENTS)]
    settled()
    rng = random.Random(options.seed)
    with Crowd(port, tokens, duplicates=0.3, seed=options.seed) as crowd:
        for _ in range(options.kills):
            wait_for_work(crowd)
            time.sleep(rng.uniform(*BETWEEN_KILLS))
            kill_and_revive()
        time.sleep(1)
    return crowd


def wait_for_work(crowd: Crowd) -> None:
    enough, give_up_at = len(crowd.acknowledged) + LEAST_BETWEEN_KILLS, time.monotonic() + PATIENCE
    while len(crowd.acknowledged) < enough and time.monotonic() < give_up_at:
        time.sleep(0.05)


def verdict(name: str, crowd: Crowd, variables: dict[str, str], options, **more) -> dict:
    """Compare the clients' log of acknowledgements with what the database still knows."""
    books = product.books(variables)
    stored = set(books["events"])
    figure = {
        "acknowledged_lost": len(set(crowd.acknowledged) - stored),
        "paid_twice": sum(
            abs(books["learners"][name]["awards"] - books["learners"][name]["completions"])
            for name in books["learners"]
        ),
        "ledger_mismatches": books["mismatches"],
        "refusals": len(crowd.refusals),
    }
    return {
        "name": name,
        "seed": options.seed,
        "kills": options.kills,
        "calls": crowd.calls,
        "acknowledged": len(crowd.acknowledged),
        "failed_calls": crowd.failures,
        "figure": figure,
        "refused": crowd.refusals[:5],
        **more,
    }


def kill_postgresql(options) -> dict:
    with cluster() as postgres:
        variables = prepared(postgres.url)

        def kill_and_revive():
            postgres.kill()
            postgres.start()

        with web(variables, workers=2) as serving:
            crowd = storm_and_kill(serving.port, kill_and_revive, options)
        line = verdict("P4 PostgreSQL killed", crowd, variables, options)
    return line | {"target": NONE_LOST, "pass": line["figure"] == NONE_LOST}


def kill_postgresql_without_durability(options) -> dict:
    """The control. `wal_writer_delay` only makes the loss that is waiting to happen likely to be seen."""
    with cluster(synchronous_commit="off", wal_writer_delay="2s") as postgres:
        variables = prepared(postgres.url)

        def kill_and_revive():
            postgres.kill()
            postgres.start()

        with web(variables, workers=2) as serving:
            # What is to be lost are deeds, not the people who did them.
            crowd = storm_and_kill(serving.port, kill_and_revive, options, settled=postgres.checkpoint)
        line = verdict("P4 control, synchronous_commit=off", crowd, variables, options)
    lost = line["figure"]["acknowledged_lost"]
    return line | {"target": {"acknowledged_lost": "> 0"}, "pass": lost > 0}


def kill_web_workers(options) -> dict:
    with cluster() as postgres:
        variables = prepared(postgres.url)
        with web(variables, workers=2) as serving:
            crowd = storm_and_kill(serving.port, serving.kill_workers, options)
        line = verdict("P5 web workers killed, PostgreSQL", crowd, variables, options)
    return line | {"target": NONE_LOST, "pass": line["figure"] == NONE_LOST}


def kill_everything_on_sqlite(options) -> dict:
    with product.sqlite_database() as database_url:
        variables = prepared(database_url)
        with web(variables, workers=1) as serving:

            def kill_and_revive():
                serving.kill()
                serving.start()

            crowd = storm_and_kill(serving.port, kill_and_revive, options)
        line = verdict("P5 everything killed, SQLite", crowd, variables, options)
        path = database_url.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path)) as database:
            # Some constraints ask for it; Django brings it along for its own connections.
            database.create_function("regexp", 2, lambda pattern, text: bool(re.search(pattern, text)))
            line["figure"]["integrity_check"] = database.execute("PRAGMA integrity_check").fetchone()[0]
    target = {**NONE_LOST, "integrity_check": "ok"}
    return line | {"target": target, "pass": line["figure"] == target}


PROTOCOLS = [kill_postgresql, kill_postgresql_without_durability, kill_web_workers, kill_everything_on_sqlite]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos.crash", description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = True
    for protocol in PROTOCOLS:
        line = protocol(options)
        print(json.dumps(line), flush=True)
        passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
