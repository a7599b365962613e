"""What a trial has found, as tables for files."""

from collections.abc import Callable, Iterator
from typing import Any

from tracking.models import RuleTrial, TriedLearner

from .figures import by_level, by_source

PORTION = 2_000  # learners in memory at a time
Table = tuple[list[str], Iterator[list[Any]]]
NUMBERS = ["results", "now_xp", "tried_xp", "difference"]


def learners(trial: RuleTrial) -> Table:
    header = ["learner_id", "username", *NUMBERS, "level_now", "level_tried"]
    return header, ([row.learner_id, row.learner.username, *_numbers(row)] for row in _in_portions(trial))


def levels(trial: RuleTrial) -> Table:
    header = ["level_id", "name", *NUMBERS, "percent"]
    rows = by_level(trial)
    return header, ([row["level"].level_id, row["level"].name, *_sums(row)] for row in rows)


def sources(trial: RuleTrial) -> Table:
    return ["source", *NUMBERS, "percent"], ([row["source"], *_sums(row)] for row in by_source(trial))


TABLES: dict[str, Callable[[RuleTrial], Table]] = {"learners": learners, "levels": levels, "sources": sources}


def _in_portions(trial: RuleTrial) -> Iterator[TriedLearner]:
    rows = TriedLearner.objects.filter(trial=trial).select_related("learner").order_by("learner")
    after = 0
    while portion := list(rows.filter(learner__gt=after)[:PORTION]):
        yield from portion
        after = portion[-1].learner_id


def _numbers(row: TriedLearner) -> list[int]:
    return [getattr(row, name) for name in (*NUMBERS, "level_now", "level_tried")]


def _sums(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in (*NUMBERS, "percent")]
