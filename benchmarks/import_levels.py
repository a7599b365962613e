"""Import a long catalogue of levels: with faults of twenty kinds, mended, and with a few changes.

    python -m tests.servers --postgres -- python -m benchmarks.import_levels [--rows N] [--faults N] [--ending csv]

Every fault has to be told with row and column while nothing changes; after mending, all levels are imported by a job,
and a file with three changes has to show exactly these. Prints one line of JSON; exits with 1 unless all of that holds,
no portion of a job took longer than SECONDS_OF_A_PORTION, and the memory grew by no more than MEMORY_AT_MOST.
"""

import argparse
import json
import resource
import sys
import time
from typing import Any

from .in_process import product_database

MEMORY_AT_MOST = 300  # MiB more than before
SECONDS_OF_A_PORTION = 10.0  # reading a file is one portion; the others are shorter


class Clock:
    """How long each step took, and the longest portion of all."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.longest = 0.0

    def run(self, step: str) -> None:
        from jobs.running import run_next_portion

        began = time.monotonic()
        while True:
            start = time.monotonic()
            if run_next_portion() is None:
                break
            self.longest = max(self.longest, time.monotonic() - start)
        self.seconds[step] = round(time.monotonic() - began, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--ending", choices=["csv", "json"], default="csv")
    options = parser.parse_args()
    with product_database():
        before, clock = memory(), Clock()
        figure = measure(options, clock)
        figure |= {"longest_portion_s": round(clock.longest, 1), "memory_mib": memory() - before}
        figure |= {f"{step}_s": seconds for step, seconds in clock.seconds.items()}
    target = {"missed_faults": 0, "changed_by_faulty_file": 0, "imported": options.rows, "differences": 3}
    passed = all(figure[name] == value for name, value in target.items())
    passed = passed and clock.longest <= SECONDS_OF_A_PORTION and figure["memory_mib"] <= MEMORY_AT_MOST
    limits = {"longest_portion_s": SECONDS_OF_A_PORTION, "memory_mib": MEMORY_AT_MOST}
    line = {"name": "import of levels", **vars(options), "figure": figure, "target": target | limits, "pass": passed}
    print(json.dumps(line))
    return 0 if passed else 1


def measure(options: argparse.Namespace, clock: Clock) -> dict[str, Any]:
    from levels.models import Level
    from tests.exchange.faulty_levels import good_rows, with_faults

    Level.objects.all().delete()  # their ids are those of the file
    good = good_rows(options.rows)
    faulty, expected = with_faults(good, options.faults)
    source = compared(faulty, options.ending, clock, "compare_faulty")
    told = {row.number: [tuple(fault) for fault in row.faults] for row in source.rows.all() if row.faults}
    missed = [one for one in expected if not is_told(one, told)]
    changed = Level.objects.count()
    imported(compared(good, options.ending, clock, "compare"), clock)
    count = Level.objects.count()
    for number in range(3):
        good[number * 1000 % options.rows + number] |= {"xp_reward": 1}
    source = compared(good, options.ending, clock, "compare_again")
    return {
        "missed_faults": len(missed),
        "refused": len(told),
        "changed_by_faulty_file": changed,
        "imported": count,
        "differences": source.counts.get("changed", 0) if source.to_write == 3 else -1,
    }


def is_told(expected: tuple[int, str, str], told: dict[int, list[tuple[str, str]]]) -> bool:
    row, column, beginning = expected
    return any(one == column and reason.startswith(beginning) for one, reason in told.get(row, []))


def compared(rows: list[dict[str, Any]], ending: str, clock: Clock, step: str) -> Any:
    from django.utils import timezone

    from exchange.services import upload
    from levels.admin.level_resource import LevelResource
    from tests.exchange.importing import WRITERS

    content = WRITERS[ending](rows)
    began = time.monotonic()
    resource_ = LevelResource(actor=staff(), at=timezone.now())
    source = upload(resource=resource_, file_name=f"levels.{ending}", content=content, at=timezone.now())
    clock.seconds[f"upload_{step}"] = round(time.monotonic() - began, 1)
    clock.run(step)
    source.refresh_from_db()
    return source


def imported(source: Any, clock: Clock) -> None:
    from django.utils import timezone

    from exchange.services import apply_or_request

    by = {"actor": source.created_by, "at": timezone.now()}
    apply_or_request(source.pk, shown=source.fingerprint, leave_out=False, **by)
    clock.run("import")


def staff() -> Any:
    from skillquest.accounts.models import User
    from tests.factories import StaffFactory

    return User.objects.filter(is_superuser=True).first() or StaffFactory()


def memory() -> int:
    """The most that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
