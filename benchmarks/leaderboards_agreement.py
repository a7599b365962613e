"""Do both leaderboard stores agree with a brute-force oracle on a large random board with many ties?

    python -m tests.servers --postgres --redis -- python -m benchmarks.leaderboards_agreement [--learners N] [--seed N]

Every rank is compared: neighbourhoods of 50 on each side cover the whole board without a gap. Prints one line of JSON
for each metric and store; exits with 1 unless there are no mismatches.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator

import django

from benchmarks import product

NEIGHBOURS, LIMIT = 50, 100
SAMPLE = 300  # learners for whom every part of the answer is compared

LISTED = "JOIN accounts_user AS person ON person.id = user_id WHERE NOT leaderboard_opt_out AND is_active"
# What the oracle counts, from the rows that boards are derived from.
TRUTH = {
    "xp_all_time": f"""
        SELECT user_id, SUM(delta) FROM gamification_learnerprofile JOIN xp_history ON learner_id = user_id {LISTED}
        AND created_at <= %s GROUP BY user_id
    """,
    "streak_current": f"""
        SELECT user_id, streak_run FROM gamification_learnerprofile {LISTED} AND streak_expires_at > %s
    """,
    "xp_monthly": f"""
        SELECT user_id, SUM(delta) FROM gamification_learnerprofile JOIN xp_history ON learner_id = user_id {LISTED}
        AND (%s AT TIME ZONE 'UTC')::date - (effective_at AT TIME ZONE 'UTC')::date BETWEEN 0 AND 29 GROUP BY user_id
    """,
}


def mismatches(read, oracle, learner_ids, rng, at) -> tuple[int, int]:
    """(answers that differ, learners whose rank was compared)."""
    wrong, seen = 0, set()
    middles = oracle.order[NEIGHBOURS :: 2 * NEIGHBOURS + 1] + oracle.order[-1:]
    for learner_id in middles:
        around = read(learner_id, limit=0, around=NEIGHBOURS, at=at).around
        wrong += around != oracle.around(learner_id, NEIGHBOURS)
        seen.update(standing.learner_id for standing in around)
    for learner_id in rng.sample(learner_ids, SAMPLE):
        limit, around = rng.randint(0, LIMIT), rng.randint(0, NEIGHBOURS)
        ranking = read(learner_id, limit=limit, around=around, at=at)
        answer = (ranking.total, ranking.top, ranking.around, ranking.me)
        wrong += answer != oracle.answer(learner_id, limit=limit, around=around)
    return wrong, len(seen)


def compare(metric, scores, rng, at) -> Iterator[dict]:
    from gamification.leaderboards import redis_board as redis
    from gamification.leaderboards.database_board import DatabaseBoard
    from tests.gamification.leaderboards.filled_boards import Oracle

    oracle, learner_ids = Oracle(scores), list(scores)
    stores = {"database": DatabaseBoard(metric).read}
    if os.environ["REDIS_URL"]:
        redis.store().build(metric, at=at, oldest=at)
        stores["redis"] = lambda *args, **kwargs: redis.store().read(metric, *args, **kwargs)
    for store, read in stores.items():
        began = time.perf_counter()
        wrong, seen = mismatches(read, oracle, learner_ids, rng, at)
        values = list(scores.values())
        yield {
            "name": "rank agreement",
            "store": store,
            "metric": metric.name,
            "learners": len(scores),
            "ranked": len(oracle.order),
            "tied": round(1 - sum(values.count(value) == 1 for value in rng.sample(values, 300)) / 300, 2),
            "ranks_compared": seen,
            "figure": {"mismatches": wrong, "learners_not_compared": len(oracle.order) - seen},
            "target": {"mismatches": 0, "learners_not_compared": 0},
            "seconds": round(time.perf_counter() - began, 1),
        }


def run(options) -> Iterator[dict]:
    """Yields the lines to print."""
    from django.db import connection
    from django.utils import timezone

    from benchmarks.leaderboards_data import make_learners
    from gamification.leaderboards import windows
    from gamification.leaderboards.base import METRICS

    make_learners(options.learners, seed=options.seed / 1000)
    rng, at = random.Random(options.seed), timezone.now()
    for name, truth in TRUTH.items():
        metric = METRICS[name]
        if metric.is_windowed:
            windows.refresh(metric, at=at, oldest=at)
        with connection.cursor() as cursor:
            cursor.execute(truth, [at])
            scores = {learner_id: int(score) for learner_id, score in cursor.fetchall() if score > 0}
        yield from compare(metric, scores, rng, at)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.leaderboards_agreement")
    parser.add_argument("--learners", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passed = True
    with product.postgresql_database(os.environ["TEST_DATABASE_URL"]) as database_url:
        redis_url = os.environ.get("TEST_REDIS_URL", "")
        os.environ |= product.environment(database_url) | {"REDIS_URL": redis_url}
        product.manage(os.environ, "migrate", "--verbosity", "0")
        django.setup()
        for line in run(options):
            line["pass"] = line["figure"] == line["target"]
            print(json.dumps(line | {"seed": options.seed}), flush=True)
            passed &= line["pass"]
        django.db.connections.close_all()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
