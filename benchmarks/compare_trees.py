"""Processor time of a completion and of a duplicate in two checkouts, each relative to the floor of its own checkout.

    python -m tests.servers --postgres -- python -m benchmarks.compare_trees BEFORE [--after AFTER] [--rounds 15]

BEFORE and AFTER (this checkout by default) are folders. Each is served by one gunicorn worker on a database of its own.
One client sends one request after the other; the checkouts take turns within a round, and the other one begins in the
next round. Processor time is that of the server's Python processes, without PostgreSQL's. The floor is a view with the
same authentication and validation and a single INSERT (`benchmarks.floor`). Limits are on, and so high that nothing
exceeds them.
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psycopg
from psycopg.types.json import Jsonb

from benchmarks import product
from benchmarks.speed import SCENARIOS, play
from gamification.pricing.limits import DEFAULT_LIMITS

CALLS = ["floor", "complete", "duplicate"]
LEARNERS = 8
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Checkout:
    """A server of one checkout, with learners who have signed up."""

    def __init__(self, port, label) -> None:
        self.port, self.label = port, label
        self.tokens = [product.sign_up(port, f"runner-{number}") for number in range(LEARNERS)]

    def processor_seconds(self) -> float:
        """Of all processes of this server, up to now."""
        address = f"127.0.0.1:{self.port}".encode()
        used = 0
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if address in command.read_bytes().split(b"\0"):
                    fields = command.with_name("stat").read_text().rpartition(")")[2].split()
                    used += int(fields[11]) + int(fields[12])  # utime and stime, see proc(5)
        return used / TICKS_PER_SECOND

    def measure(self, name, count) -> float:
        """Milliseconds of processor time of one request, as the mean of `count`."""
        rng, scenario = random.Random(time.time_ns()), SCENARIOS[name]()
        before = self.processor_seconds()
        with contextlib.closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            for number in range(count):
                client = number % LEARNERS
                play(connection, self.tokens[client], scenario, rng, client)
        return (self.processor_seconds() - before) / count * 1000


@contextlib.contextmanager
def serving(root, server_url, label) -> Iterator[Checkout]:
    with product.postgresql_database(server_url) as database_url:
        variables = product.environment(database_url) | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings",
            "TRUST_LIMITS": "1",
        }
        product.manage(variables, "migrate", "--verbosity", "0", root=root)
        product.manage(variables, "load_catalogue", root=root)
        raise_limits(database_url)
        with product.serving(variables, workers=1, root=root) as port:
            yield Checkout(port, label)


def raise_limits(database_url) -> None:
    """So that one learner may play a thousand levels in a minute; a checkout may be older than the limits."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('gamification_limitset')").fetchone()[0]:
            highest = {name: 1_000_000 for name in DEFAULT_LIMITS if name not in ["min_time_percent", "metric_per_day"]}
            limits = DEFAULT_LIMITS | highest | {"min_time_percent": None}
            limits["metric_per_day"] = dict.fromkeys(DEFAULT_LIMITS["metric_per_day"], 1_000_000)
            connection.execute("UPDATE gamification_limitset SET limits = %s", [Jsonb(limits)])


def compare(checkouts, options) -> Iterator[dict]:
    """Of each round: milliseconds by checkout and call."""
    for checkout in checkouts:
        for name in CALLS:
            checkout.measure(name, options.requests)
    for number in range(options.rounds):
        taken = {checkout.label: {} for checkout in checkouts}
        for name in CALLS:
            for checkout in checkouts[:: (-1) ** number]:
                taken[checkout.label][name] = checkout.measure(name, options.requests)
        print(json.dumps(taken), file=sys.stderr, flush=True)
        yield taken


def report(rounds) -> dict:
    def ratio(label, name) -> float:
        return statistics.median(taken[label][name] / taken[label]["floor"] for taken in rounds)

    def change(name) -> float:
        return statistics.median(taken["after"][name] / taken["before"][name] for taken in rounds)

    labels = ["before", "after"]
    return {
        "name": "processor time of two checkouts",
        "rounds": len(rounds),
        "ratio_to_floor": {label: {name: round(ratio(label, name), 3) for name in CALLS[1:]} for label in labels},
        "after_to_before": {name: round(change(name), 3) for name in CALLS},
        "milliseconds": {
            label: {name: round(statistics.median(taken[label][name] for taken in rounds), 3) for name in CALLS}
            for label in labels
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare_trees", description=__doc__.split("\n")[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("--after", type=Path, default=product.ROOT)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=300, help="of one call in one round")
    options = parser.parse_args()
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        sys.exit("This needs PostgreSQL: python -m tests.servers --postgres -- python -m benchmarks.compare_trees …")
    with (
        serving(options.before, server, "before") as before,
        serving(options.after, server, "after") as after,
    ):
        print(json.dumps(report(list(compare([before, after], options)))), flush=True)


if __name__ == "__main__":
    main()
