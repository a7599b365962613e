"""Which store answers for a metric: settings.LEADERBOARD_BACKEND."""

from django.conf import settings
from django.core import checks

from .base import Board, Metric
from .database_board import DatabaseBoard
from .redis_board import RedisBoard

BACKENDS = {"database": DatabaseBoard, "redis": RedisBoard}


def board(metric: Metric) -> Board:
    return BACKENDS[settings.LEADERBOARD_BACKEND](metric)


@checks.register()
def check_backend(**_) -> list[checks.CheckMessage]:
    backend = settings.LEADERBOARD_BACKEND
    if backend not in BACKENDS:
        return [checks.Error(f"LEADERBOARD_BACKEND is {backend!r}; it may be {' or '.join(BACKENDS)}.", id=CHECK_ID)]
    if backend == "redis" and not settings.REDIS_URL:
        return [checks.Error("LEADERBOARD_BACKEND is 'redis', but there is no REDIS_URL.", id=CHECK_ID)]
    return []


CHECK_ID = "gamification.E002"
