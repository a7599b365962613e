"""A bulk reversal whose process is killed with kill -9 again and again: everything is reversed, nothing twice.

    python -m benchmarks.chaos.bulk_reversal [--entries 10000] [--kills 10] [--seed 1]

On PostgreSQL (TEST_DATABASE_URL) and on SQLite. `manage.py run_jobs` is killed at random moments while it works,
and a new one continues. Prints one line of JSON each.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import psycopg

from benchmarks import product
from benchmarks.migrated import migrated_postgresql, migrated_sqlite

PYTHON = sys.executable
MAKE = "from benchmarks.chaos import bulk_reversal_data as data; data.make({entries})"
STATE = "from benchmarks.chaos import bulk_reversal_data as data; data.report()"
RIGHT = {"twice": 0, "missing": 0, "total_xp": 0, "mismatches": 0, "state": "done"}


def shell(variables, code: str) -> str:
    command = [PYTHON, "manage.py", "shell", "--verbosity", "0", "--command", code]
    return subprocess.run(command, cwd=product.ROOT, env=variables, check=True, capture_output=True, text=True).stdout


def run_and_kill(variables, kills: int, rng: random.Random) -> tuple[int, float]:
    """How many processes were killed while the job was unfinished, and how long the last one took."""
    killed = 0
    while killed < kills:
        process = subprocess.Popen([PYTHON, "manage.py", "run_jobs"], cwd=product.ROOT, env=variables)
        before = progress(variables["DATABASE_URL"])
        while progress(variables["DATABASE_URL"]) == before and process.poll() is None:
            time.sleep(0.002)
        # The first at once, since a short job may be done soon; the others anywhere in the job.
        time.sleep(rng.uniform(0, 0.4) if killed else 0)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if progress(variables["DATABASE_URL"])[0] == "done":
            break
        killed += 1
    began = time.monotonic()
    product.manage(variables, "run_jobs", "--once")
    return killed, time.monotonic() - began


def progress(database_url: str) -> tuple[str, int]:
    """State and entries done, read without starting the product, which could take longer than the job."""
    path = database_url.removeprefix("sqlite:///")
    database = psycopg.connect(database_url) if path == database_url else sqlite3.connect(path, timeout=20)
    with contextlib.closing(database):
        [row] = database.execute("SELECT state, done FROM jobs_job").fetchall()
    return tuple(row)


def report(variables) -> dict:
    return json.loads(shell(variables, STATE))


def measure(name: str, database_url: str, options) -> dict:
    variables = product.environment(database_url)
    shell(variables, MAKE.format(entries=options.entries))
    killed, last = run_and_kill(variables, options.kills, random.Random(options.seed))
    figure = report(variables)
    return {
        "name": f"bulk reversal killed, {name}",
        "seed": options.seed,
        "entries": options.entries,
        "kills": killed,
        "seconds_of_the_last_process": round(last, 1),
        "figure": figure,
        "target": RIGHT,
        "pass": killed > 0 and all(figure[key] == value for key, value in RIGHT.items()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    lines = []
    with migrated_sqlite() as url:
        lines.append(measure("SQLite", url, options))
        print(json.dumps(lines[-1]), flush=True)
    if server := os.environ.get("TEST_DATABASE_URL"):
        with migrated_postgresql(server) as url:
            lines.append(measure("PostgreSQL", url, options))
            print(json.dumps(lines[-1]), flush=True)
    return 0 if all(line["pass"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
