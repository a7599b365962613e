"""The boards of metrics that staff made: there are as many as rows in the table of metrics."""

from collections.abc import Iterator

from gamification.models import BOARD_PREFIX
from gamification.models import Metric as MetricRow

from .base import METRICS, RANKINGS, Metric, board_of, find_metric, verified_of

# `metric:` also names the built-in metrics that have a board.
BUILT_IN = {
    "levels_completed": "levels_completed",
    "achievements_unlocked": "achievements_unlocked",
    "current_streak": "streak_current",
    "longest_streak": "streak_longest",
}


def find_board(name: str) -> Metric | None:
    """One statement where it is the board of a metric that staff made."""
    if not name.startswith(BOARD_PREFIX):
        return find_metric(name)
    metric_id = name.removeprefix(BOARD_PREFIX)
    if metric_id in BUILT_IN:
        return METRICS[BUILT_IN[metric_id]]
    exists = MetricRow.objects.custom().published().filter(metric_id=metric_id).exists()
    return board_of(metric_id) if exists else None


def all_rankings() -> Iterator[Metric]:
    """Everything that stores keep."""
    yield from RANKINGS.values()
    for metric_id in MetricRow.objects.custom().published().values_list("metric_id", flat=True):
        board = board_of(metric_id)
        yield from filter(None, [board, verified_of(board)])
