"""Import a long catalogue of levels: with faults of twenty kinds, then mended; its jobs are killed and resumed.

    python -m tests.servers --postgres -- python -m benchmarks.import_levels [--rows N] [--faults N] [--endings csv ...]

On SQLite and, with TEST_DATABASE_URL, on PostgreSQL; in each format. Three in ten levels are stored before. Every
planted fault has to be told with row and column, and nothing else but what follows from them, while nothing changes.
The comparison of the mended file has to be the one that is computed here from the rows; after its import the levels
have to be those of the file, each written once. Above 5,000 rows comparing and importing are jobs, and each is killed
once. Prints one line of JSON for each database and format; exits with 1 unless all of that holds within the limits of
memory and time.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from benchmarks.import_levels_rows import differences_of, meaning, stored_rows
from benchmarks.killed_jobs import Installation
from benchmarks.migrated import migrated_postgresql, migrated_sqlite
from tests.exchange.faulty_levels import FIRST_ROW, cells_told, good_rows, with_faults

MEMORY_AT_MOST = 300  # MiB, of each process
PORTION_AT_MOST = 10.0  # seconds: reading a file is one portion; the others are shorter
RIGHT = {
    "missed_faults": 0,
    "wrong_cells": 0,
    "changed_by_faulty_file": 0,
    "refusal": "Rows are refused, so nothing was imported.",
    "wrong_differences": 0,
    "wrong_levels": 0,
    "written_twice": 0,
    "killed": 3,
}


class Measurement:
    """Of one format on one database. `worst` are the greatest memory and the longest portion so far."""

    def __init__(self, installation: Installation, folder: str, ending: str, options: argparse.Namespace) -> None:
        self.installation, self.folder, self.ending = installation, folder, ending
        self.rows = good_rows(options.rows)
        self.stored = stored_rows(self.rows)
        self.faulty, self.planted = with_faults(self.rows, options.faults, ending)
        self.expected = differences_of(self.rows, self.stored)
        self.killed, self.seconds = 0, {}
        self.worst = {"memory_mib": 0, "longest_portion_s": 0.0}
        self.before = installation.call(f"make({folder!r}, {options.rows}, {options.faults}, {ending!r})")

    def run(self) -> dict[str, Any]:
        self.work("compare_faulty", self.upload("faulty"))
        figure = self.judge_faults(**self.installation.call("told()"))
        self.work("compare_mended", self.upload("mended"))
        found = self.work("import", "apply()")
        figure["wrong_differences"] = sum(one != other for one, other in zip(found, self.expected, strict=True))
        figure |= self.judge_levels(**self.installation.call("stored()"))
        return {**figure, "killed": self.killed, **self.worst, "seconds": self.seconds}

    def upload(self, name: str) -> str:
        return f"upload_file({f'{self.folder}/{name}.{self.ending}'!r})"

    def work(self, step: str, act: str) -> Any:
        """Start a job, and run it in a process that is killed once; what the start printed."""
        answer, mib = self.installation.measured(act)
        went = self.installation.work(1)
        self.killed += went["kills"]
        self.seconds[step] = went["seconds"]
        self.worst["memory_mib"] = max(self.worst["memory_mib"], mib, went["memory_mib"])
        self.worst["longest_portion_s"] = max(self.worst["longest_portion_s"], went["longest_portion_s"])
        return answer

    def judge_faults(self, told: list[list[Any]], refusal: str, stored: dict[str, Any]) -> dict[str, Any]:
        expected = cells_told(self.faulty, self.planted, self.ending, self.stored)
        cells = {(row, column) for row, column, _ in told}
        missed = [one for one in self.planted if not is_told(one, told)]
        counts = {"told": len(told), "missed_faults": len(missed), "wrong_cells": len(cells ^ expected)}
        return {**counts, "refusal": refusal, "changed_by_faulty_file": int(stored != self.before)}

    def judge_levels(self, levels: dict[str, Any], written: int) -> dict[str, Any]:
        expected = {row["level_id"]: meaning(row) for row in self.rows}
        wrong = [key for key in levels | expected if levels.get(key) != expected.get(key)]
        to_write = sum(verdict != "unchanged" for _, verdict, _ in self.expected)
        twice = written - self.before["written"] - to_write
        return {"wrong_levels": len(wrong), "written": to_write, "written_twice": twice}


def is_told(expected: tuple[int, str, str], told: list[list[Any]]) -> bool:
    row, column, beginning = expected
    return any(one[:2] == [row, column] and one[2].startswith(beginning) for one in told)


def databases() -> Iterator[tuple[str, Any]]:
    yield "SQLite", migrated_sqlite
    if server := os.environ.get("TEST_DATABASE_URL"):
        yield "PostgreSQL", lambda: migrated_postgresql(server)


def measure(name: str, url: str, ending: str, options: argparse.Namespace) -> dict[str, Any]:
    installation = Installation(url, "import_levels_data", seed=options.seed)
    with tempfile.TemporaryDirectory(prefix="skillquest-benchmark-") as folder:
        figure = Measurement(installation, folder, ending, options).run()
    right = all(figure[key] == value for key, value in RIGHT.items())
    right &= figure["memory_mib"] <= MEMORY_AT_MOST and figure["longest_portion_s"] <= PORTION_AT_MOST
    target = RIGHT | {"memory_mib": MEMORY_AT_MOST, "longest_portion_s": PORTION_AT_MOST}
    size = {"rows": options.rows, "faults": options.faults, "seed": options.seed}
    return {"name": f"import of levels, {ending}, {name}", **size, "figure": figure, "target": target, "pass": right}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--endings", nargs="+", choices=[*FIRST_ROW], default=[*FIRST_ROW])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = True
    for name, database in databases():
        for ending in options.endings:
            with database() as url:
                line = measure(name, url, ending, options)
            print(json.dumps(line), flush=True)
            passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
