"""Does a batch of 500 cost more the longer the learner's history is? Processor time at 50 000 results and at none.

    python -m benchmarks.batch_history [--rounds 10] [--results 50000]
    python -m tests.servers --postgres -- python -m benchmarks.batch_history

The service behind `POST sync`, in this process: on SQLite the processor time of the database is part of it, on
PostgreSQL it is not. The history is of one year, ever denser than the limits allow, and of the same ten days as the
batch too; each of its results has a ledger entry. Both learners take turns; each batch is undone. Prints one line of
JSON; exits with 1 unless the ratio of the medians is on target.
"""

import argparse
import itertools
import json
import statistics
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta

from benchmarks.in_process import product_database, rolled_back

TARGET = 1.2
BATCH = 500
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
AGE, DAYS = timedelta(days=365), timedelta(days=10)
MODE, LEVELS = "blue-vs-red", ["level-1", "level-2", "hello-world", "fizzbuzz", "puk_u1_l1", "puk_u2_l1"]


def make_learner(name: str, entries: int) -> object:
    """A learner who has played a mode, which pays each time, as often as `entries` says."""
    from django.test import override_settings

    from gamification.models import LearnerProfile
    from skillquest.accounts.models import User

    user = User.objects.create(username=name, date_joined=NOW - AGE)
    LearnerProfile.objects.create(user_id=user.pk)
    batches = entries // BATCH
    with override_settings(TRUST_LIMITS=False):  # nobody could play that much
        for number in range(batches):
            send_batch(user, NOW - (AGE - 2 * DAYS) * (batches - number - 1) / batches - timedelta(hours=1), [MODE])
    if entries:
        send_batch(user, NOW - timedelta(hours=1), LEVELS)
    return user


def send_batch(user, until: datetime, levels: list[str]) -> None:
    from tracking.recording.completions import Claim
    from tracking.sync.batch import sync
    from tracking.sync.events import Event

    moments = [until - DAYS + DAYS * number / BATCH for number in range(BATCH)]
    claims = [
        Claim(level=level, score=90, time_spent=300, client_event_id=uuid.uuid4(), occurred_at=at)
        for at, level in zip(moments, itertools.cycle(levels), strict=False)
    ]
    verdicts = sync(learner=user, events=[Event(claim) for claim in claims], at=until)
    if problems := [verdict.problem for verdict in verdicts if verdict.problem]:
        raise RuntimeError(f"{len(problems)} events were rejected, such as {problems[0]}")


def milliseconds(user) -> float:
    """Processor time of one batch, which is undone."""
    with rolled_back():
        began = time.process_time()
        send_batch(user, NOW, [MODE, *LEVELS])
        return (time.process_time() - began) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch_history", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--results", type=int, default=50_000)
    options = parser.parse_args()
    with product_database():
        from django.db import connection

        learners = {entries: make_learner(f"learner-{entries}", entries) for entries in (0, options.results)}
        for user in learners.values():
            milliseconds(user)
        rounds = [{entries: milliseconds(user) for entries, user in learners.items()} for _ in range(options.rounds)]
        engine = connection.vendor
    medians = {entries: statistics.median(each[entries] for each in rounds) for entries in learners}
    ratio = medians[options.results] / medians[0]
    line = {
        "name": f"batch of {BATCH}: processor time at {options.results} ledger entries / at none",
        "engine": engine,
        "seed": None,
        "figure": round(ratio, 3),
        "target": f"<= {TARGET}",
        "pass": ratio <= TARGET,
        "rounds": options.rounds,
        "milliseconds": {str(entries): round(median, 1) for entries, median in medians.items()},
    }
    print(json.dumps(line))
    return 0 if line["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
