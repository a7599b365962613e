"""Import a long history that is killed twice, and once more: memory, speed, and that nothing is lost or doubled.

    python -m tests.servers --postgres -- python -m benchmarks.import_history [--rows N] [--seed N]

The rows are generated: learners, opening XP, completions and streak days, in random order behind the learners. The
speed, of a run that is not killed, is compared with plain inserts of completions by Django, in portions of the same
size, into the same database. Prints one line of JSON; exits with 1 unless every figure is on target.
"""

import argparse
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import product

COMPLETIONS, DAYS = 14, 4  # of each learner, beside their own row and their opening XP
ROWS_OF_ONE = COMPLETIONS + DAYS + 2
LEVELS = 5  # level-1 to level-5 of the shipped catalogue
OPENING_XP = 100
MEMORY_AT_MOST = 200  # MiB
SHARE_AT_LEAST = 0.1  # of the speed of plain inserts
BEGIN = datetime(2015, 1, 1, tzinfo=UTC)


def rows(learners: int, rng: random.Random) -> Iterator[dict]:
    """The learners, then everything else in random order, a share of the file at a time."""
    for number in range(learners):
        yield {"kind": "learner", "external_id": f"bench-{number}", "created_at": BEGIN.isoformat()}
    for first in range(0, learners, 5_000):
        others = [row for number in range(first, min(first + 5_000, learners)) for row in rows_of(number, rng)]
        rng.shuffle(others)
        yield from others


def rows_of(number: int, rng: random.Random) -> Iterator[dict]:
    mine = {"external_id": f"bench-{number}"}
    yield {"kind": "opening_xp", **mine, "amount": OPENING_XP, "date": BEGIN.isoformat()}
    for each in range(COMPLETIONS):
        at = BEGIN + timedelta(minutes=rng.randrange(5_000_000))
        level = f"level-{1 + (number + each) % LEVELS}"
        yield {"kind": "completion", **mine, "id": f"{number}/{each}", "level": level, "score": each, **played(at)}
    for day in range(DAYS):
        yield {"kind": "streak_day", **mine, "date": (BEGIN.date() + timedelta(days=day)).isoformat()}


def played(at: datetime) -> dict:
    return {"max": COMPLETIONS, "time_spent": 60, "occurred_at": at.isoformat(), "metadata": {"hints_used": 1}}


def write_file(path: Path, learners: int, seed: int) -> None:
    with gzip.open(path, "wt", compresslevel=1) as out:
        for row in rows(learners, random.Random(seed)):
            out.write(json.dumps(row) + "\n")


class Run:
    """One process of the command."""

    def __init__(self, variables: dict[str, str], path: Path, *options: str) -> None:
        self.began = time.perf_counter()
        command = [sys.executable, "manage.py", "import_history", path, "--source", "bench", *options]
        self.process = subprocess.Popen(
            command, cwd=product.ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def finish(self) -> dict:
        said = self.process.stdout.read().splitlines()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return {
            "code": self.process.returncode,
            "seconds": round(time.perf_counter() - self.began, 1),
            "peak_mib": round(usage.ru_maxrss / 1024),
            "said": said,
        }


def asked(variables: dict[str, str], what: str) -> dict:
    """`python -m benchmarks.import_history_data WHAT` in the environment of the product."""
    command = [sys.executable, "-m", "benchmarks.import_history_data", *what.split()]
    return json.loads(subprocess.run(command, cwd=product.ROOT, env=variables, check=True, capture_output=True).stdout)


def kill_at(variables: dict[str, str], path: Path, rows_done: int) -> int:
    """Start an import, and kill it once that many rows are done; return how many there were then."""
    run = Run(variables, path, "--apply")
    while run.process.poll() is None and asked(variables, "progress")["rows_done"] < rows_done:
        time.sleep(0.2)
    run.kill()
    return asked(variables, "progress")["rows_done"]


def measure(database_url: str, plain_url: str, path: Path, count: int) -> dict:
    variables = product.environment(database_url)
    plain = product.environment(plain_url)
    for each in (variables, plain):
        product.manage(each, "migrate", "--verbosity", "0")
        product.manage(each, "load_catalogue")
    inserts = asked(plain, f"plain {min(count, 100_000)}")
    whole = Run(plain, path, "--apply").finish()
    dry = Run(variables, path).finish()
    empty = asked(variables, "state")
    kills = [kill_at(variables, path, count * part // 10) for part in (3, 6)]
    last = Run(variables, path, "--apply").finish()
    before = asked(variables, "state")
    again = Run(variables, path, "--apply").finish()
    rate = count / whole["seconds"]
    return {
        "state": before,
        "written_by_a_dry_run": empty["imported_rows"],
        "rows_done_when_killed": kills,
        "peak_mib": max(run["peak_mib"] for run in (whole, dry, last, again)),
        "rows_per_second": round(rate),
        "dry_run_rows_per_second": round(count / dry["seconds"]),
        "second_run_rows_per_second": round(count / again["seconds"]),
        "plain_inserts_per_second": inserts["per_second"],
        "figure": round(rate / inserts["per_second"], 3),
        "second_run_changed": before != asked(variables, "state"),
        "exit_codes": [run["code"] for run in (whole, dry, last, again)],
        "said": last["said"][-3:],
    }


def line_of(engine: str, found: dict, learners: int, options: argparse.Namespace) -> dict:
    wanted = {
        "learners": learners,
        "completions": learners * COMPLETIONS,
        "xp": learners * OPENING_XP,
        "imported_rows": learners * ROWS_OF_ONE,
        "mismatches": 0,
        "wrong_totals": 0,
        "stale": 0,
    }
    passed = (
        found["state"] == wanted
        and found["exit_codes"] == [0, 0, 0, 0]
        and not found["second_run_changed"]
        and found["written_by_a_dry_run"] == 0
        and found["peak_mib"] <= MEMORY_AT_MOST
        and found["figure"] >= SHARE_AT_LEAST
    )
    return {
        "name": "rows a second of an import against plain inserts",
        "engine": engine,
        "seed": options.seed,
        "rows": learners * ROWS_OF_ONE,
        "target": f">= {SHARE_AT_LEAST}, peak <= {MEMORY_AT_MOST} MiB, nothing lost, nothing twice",
        "pass": passed,
        **found,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.import_history", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    learners = options.rows // ROWS_OF_ONE
    server, lines = os.environ.get("TEST_DATABASE_URL", ""), []
    with tempfile.TemporaryDirectory(prefix="skillquest-benchmark-") as folder:
        path = Path(folder) / "history.jsonl.gz"
        write_file(path, learners, options.seed)
        if server.startswith("postgres"):
            with product.postgresql_database(server) as url, product.postgresql_database(server) as plain:
                lines.append(
                    line_of("postgresql", measure(url, plain, path, learners * ROWS_OF_ONE), learners, options)
                )
        else:
            with product.sqlite_database() as url, product.sqlite_database() as plain:
                lines.append(line_of("sqlite", measure(url, plain, path, learners * ROWS_OF_ONE), learners, options))
    for line in lines:
        print(json.dumps(line))
    return 0 if all(line["pass"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
