"""Leaderboards: derived from rows, never the source of truth, and the same whichever store answers.

`base` says what a board is; `database_board` and `redis_board` are the two stores; `windows` computes the XP of the
last days; `score_updates` passes new totals on; `presentation` adds what a page or answer shows beside a score.
"""

from .base import METRICS, Metric, find_metric
from .custom import find_board
from .presentation import Entry, Leaderboard, show_leaderboard
from .score_updates import refresh_listed

__all__ = [
    "METRICS",
    "Entry",
    "Leaderboard",
    "Metric",
    "find_board",
    "find_metric",
    "refresh_listed",
    "show_leaderboard",
]
