"""Export and erase a learner with a long history: memory of the export, and how long any transaction lasts.

    python -m benchmarks.long_history [--completions 100000]

A fifth of the completions have a client version. The export of 1 000 completions is the measure of the other's memory.
Prints one line of JSON for each database (PostgreSQL: TEST_DATABASE_URL).
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tracemalloc
import uuid
from datetime import timedelta
from io import BytesIO

from benchmarks import product

LONGEST_TRANSACTION = 2  # seconds
MEMORY_RATIO = 1.5
MARK = "planted-version"


class Nowhere(BytesIO):
    def write(self, data) -> int:
        return len(data)


def make_learner(name, completions):
    from django.utils import timezone

    from levels.models import Level
    from skillquest.accounts.models import User
    from skillquest.accounts.services import register
    from tracking.models import Completion
    from tracking.recording.completions import Claim
    from tracking.recording.services import complete_level

    at = timezone.now()
    user = register(username=name, email=f"{name}@example.org", password=product.PASSWORD, at=at)
    level = Level.objects.visible().order_by("number").first()
    complete_level(learner=user, claim=Claim(level.level_id, 80, 60), source="api", at=at)
    first = Completion.objects.get(learner=user)
    fields = {field.attname: getattr(first, field.attname) for field in Completion._meta.concrete_fields}
    rows = (
        Completion(
            **fields
            | {"id": None, "client_event_id": uuid.uuid4()}
            | {"metadata": {"client_version": MARK} if number % 5 == 0 else {}}
            | {"occurred_at": at - timedelta(minutes=number)}
        )
        for number in range(completions)
    )
    Completion.objects.bulk_create(rows, batch_size=2_000)
    return User.objects.get(username=name)


def export(user) -> tuple[int, float]:
    """(peak of memory in bytes, seconds)."""
    from django.utils import timezone

    from skillquest.accounts.exporting import write_export

    began = time.perf_counter()
    write_export(Nowhere(), user, at=timezone.now())
    seconds = time.perf_counter() - began
    tracemalloc.start()
    write_export(Nowhere(), user, at=timezone.now())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, seconds


def erase(user) -> tuple[float, list[float]]:
    """Seconds of the request's transaction, and of each portion of the job."""
    from django.utils import timezone

    from jobs.running import run_next_portion
    from skillquest.accounts.erasing import erase_person

    began = time.perf_counter()
    erase_person(user_id=user.pk, at=timezone.now())
    at_once, portions = time.perf_counter() - began, []
    while True:
        began = time.perf_counter()
        if run_next_portion() is None:
            return at_once, portions
        portions.append(time.perf_counter() - began)


def measure(completions) -> dict:
    import django

    django.setup()
    from django.core.management import call_command

    from tracking.models import Completion

    short, long = make_learner("short", 1_000), make_learner("long", completions)
    call_command("rebuild_profiles", stdout=sys.stderr)
    export(short)  # what is loaded once
    (low, _), (high, seconds) = export(short), export(long)
    at_once, portions = erase(long)
    call_command("verify_ledger", stdout=sys.stderr)
    call_command("rebuild_profiles", "--dry-run", stdout=sys.stderr)
    left = Completion.objects.filter(learner=long)
    figure = {
        "export_memory_ratio": round(high / low, 2),
        "longest_transaction_seconds": round(max(at_once, *portions), 2),
        "texts_left": sum(MARK in str(row) for row in left.values_list("metadata", flat=True)),
        "event_ids_left": left.exclude(client_event_id=None).count(),
    }
    return {
        "figure": figure,
        "export_seconds": round(seconds, 2),
        "export_peak_mib": [round(peak / 2**20, 2) for peak in (low, high)],
        "erase_at_once_seconds": round(at_once, 2),
        "erase_portions": len(portions),
        "erase_seconds": round(at_once + sum(portions), 2),
    }


def run(url, completions) -> dict:
    variables = product.environment(url) | {"JOBS_IN_PROCESS": "0"}
    product.manage(variables, "migrate", "--verbosity", "0")
    product.manage(variables, "load_catalogue")
    command = [sys.executable, "-m", "benchmarks.long_history", "--inside", "--completions", str(completions)]
    output = subprocess.run(command, cwd=product.ROOT, env=variables, check=True, stdout=subprocess.PIPE).stdout
    measured = json.loads(output)
    figure = measured["figure"]
    passed = (
        figure["export_memory_ratio"] <= MEMORY_RATIO
        and figure["longest_transaction_seconds"] <= LONGEST_TRANSACTION
        and figure["texts_left"] == figure["event_ids_left"] == 0
    )
    target = {
        "export_memory_ratio": f"at most {MEMORY_RATIO}",
        "longest_transaction_seconds": f"at most {LONGEST_TRANSACTION}",
        "texts_left": 0,
        "event_ids_left": 0,
    }
    name = {"name": "long history", "engine": url.partition(":")[0], "completions": completions}
    return {**name, **measured, "target": target, "pass": passed}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_history", description=__doc__.split("\n")[0])
    parser.add_argument("--completions", type=int, default=100_000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure(options.completions)))
        return 0
    databases = [product.sqlite_database()]
    if server := os.environ.get("TEST_DATABASE_URL"):
        databases.append(product.postgresql_database(server))
    passed = True
    for database in databases:
        with database as url:
            line = run(url, options.completions)
        print(json.dumps(line), flush=True)
        passed &= line["pass"]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
