"""Servers of two sizes whose calls are timed in turn, for `benchmarks.leaderboards`."""

import statistics
import time
from collections.abc import Iterator

ROUNDS, CALLS = 15, 20
METRIC = "xp_all_time"
BARE_COUNT = "SELECT COUNT(*) FROM gamification_learnerprofile WHERE listed AND total_xp > 0 AND total_xp > %s"


class Population:
    """A database and a Redis database with `learners` learners; `enter` makes them the current ones."""

    def __init__(self, learners, database_url, redis_url, seed) -> None:
        self.learners, self.database, self.redis_url = learners, database_url.rpartition("/")[2], redis_url
        self.enter()
        began = time.perf_counter()
        from benchmarks.leaderboards_data import make_learners

        make_learners(learners, seed=seed / 1000)
        self.made_in = time.perf_counter() - began
        self.find_middle()

    def enter(self) -> None:
        from django.conf import settings
        from django.db import connection

        from gamification.leaderboards.database_board import remembered_totals

        if connection.settings_dict["NAME"] != self.database:
            connection.close()
            connection.settings_dict["NAME"] = self.database
            remembered_totals.clear()
        settings.REDIS_URL = self.redis_url

    def find_middle(self) -> None:
        from gamification.models import LearnerProfile

        ranked = LearnerProfile.objects.visible().order_by("-total_xp", "pk")
        self.middle, self.score = ranked.values_list("pk", "total_xp")[self.learners * 49 // 100]


def times(call, calls) -> list[float]:
    """Milliseconds of each."""
    spent = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def compare(populations, call, calls=CALLS) -> list[float]:
    """The median time of `call(population)` for each population, in milliseconds; they take turns."""
    spent = {population: [] for population in populations}
    for _ in range(ROUNDS):
        for population in populations:
            population.enter()
            call(population)  # connections and caches of this round
            spent[population] += times(lambda population=population: call(population), calls)
    return [statistics.median(spent[population]) for population in populations]


def growth(name, small, big, call, target) -> dict:
    a_thousand, all_of_them = compare([small, big], call)
    return {
        "name": name,
        "milliseconds": {str(small.learners): round(a_thousand, 3), str(big.learners): round(all_of_them, 3)},
        "figure": round(all_of_them / a_thousand, 2),
        "target": target,
        "pass": all_of_them <= target * a_thousand,
    }


def bare_count(population) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(BARE_COUNT, [population.score])
        return cursor.fetchone()[0]


def plan_of_rank(population) -> dict:
    """(names of the scans, heap fetches, shared buffers) of the statement that counts who is above."""
    from django.db import connection
    from django.utils import timezone

    from gamification.leaderboards import database_board as database
    from gamification.leaderboards.base import METRICS

    sql, values = database.board_rows(METRICS[METRIC], timezone.now()).query.sql_with_params()
    statement = (database.RANKED.format(rows=sql) + database.ABOVE).format(score=population.score)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        [plan] = cursor.fetchone()[0]
    scans = [node for node in nodes(plan["Plan"]) if "Scan" in node["Node Type"] and "Relation Name" in node]
    return {
        "scans": sorted({f"{node['Node Type']} {node.get('Index Name', '')}".strip() for node in scans}),
        "heap_fetches": sum(node.get("Heap Fetches", 0) for node in scans),
        "buffers": plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"],
    }


def nodes(plan) -> Iterator[dict]:
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)
