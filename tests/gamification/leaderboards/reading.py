"""Reading a board as requests do, and reading Redis itself."""

import time

from django.utils import timezone

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS
from gamification.leaderboards.score_updates import refresh_listed
from gamification.models import LearnerProfile

XP, WEEKLY = METRICS["xp_all_time"], METRICS["xp_weekly"]
BOARD, NEXT, BUILDING = redis._keys(XP)


def shown_scores(metric=XP):
    ranking = board(metric).read(None, limit=100, around=0, at=timezone.now())
    return {each.learner_id: each.score for each in ranking.top}


def in_redis(metric=XP):
    """The scores in Redis; None where the database would answer instead."""
    ranking = redis.store().read(metric, None, limit=100, around=0, at=timezone.now())
    return None if ranking is None else {each.learner_id: each.score for each in ranking.top}


def build(metric=XP):
    at = timezone.now()
    return redis.store().build(metric, at=at, oldest=at)


def wait_until(happens, seconds=10):
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def opt(user, *, out):
    LearnerProfile.objects.filter(pk=user.pk).update(leaderboard_opt_out=out)
    refresh_listed(user.pk, at=timezone.now())
