"""Does a large pool of questions make the start of a play dearer? 10 000 questions compared with 100, in this process.

    python -m benchmarks.play_starts [--rounds N]

Measured is the processor time of this process, in turn for both pools, of learners who have seen nothing. On SQLite the
database is part of the process. Prints one line of JSON; exits with 1 unless the ratio is on target.
"""

import argparse
import json
import sys
import time
from statistics import median

from benchmarks.in_process import product_database, rolled_back

SMALL, LARGE = 100, 10_000
DRAWN = 10
TARGET = 1.1


def make_level(size: int) -> str:
    from django.db.models import QuerySet

    from levels.models import Question
    from tests.factories import LevelFactory
    from tests.tracking.plays.content import QuestionFactory

    level = LevelFactory(level_id=f"pool-{size}", questions_per_play=DRAWN)
    QuerySet(Question).bulk_create(QuestionFactory.build_batch(size, level=level), batch_size=500)
    return level.level_id


def seconds_of_a_start(learner, level_id: str) -> float:
    from django.utils import timezone

    from tracking.plays.services import start_play

    with rolled_back():
        began = time.process_time()
        play = start_play(learner=learner, level=level_id, at=timezone.now())
        lasted = time.process_time() - began
    if len(play["questions"]) != DRAWN:
        raise AssertionError(play)
    return lasted


def measure(rounds: int) -> dict[int, float]:
    """The median of the processor time, in milliseconds, by the size of the pool."""
    from tests.factories import UserFactory

    levels = {size: make_level(size) for size in (SMALL, LARGE)}
    learner = UserFactory()
    times: dict[int, list[float]] = {size: [] for size in levels}
    for _ in range(rounds):
        for size, level_id in levels.items():
            times[size].append(seconds_of_a_start(learner, level_id))
    return {size: round(median(values) * 1000, 3) for size, values in times.items()}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    with product_database():
        milliseconds = measure(options.rounds)
    ratio = round(milliseconds[LARGE] / milliseconds[SMALL], 3)
    figure = {"ratio": ratio, **{f"ms_{size}": value for size, value in milliseconds.items()}}
    passed = ratio <= TARGET
    line = {"name": "start of a play", "seed": None, "figure": figure, "target": {"ratio": TARGET}, "pass": passed}
    print(json.dumps(line))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
