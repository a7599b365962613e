"""Boards filled with given scores, and an oracle that ranks them by counting."""

from bisect import bisect_left
from datetime import timedelta

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import Standing
from gamification.models import LearnerProfile, WindowRefresh, WindowScore


def fill_board(metric, scores, *, at):
    """Write `scores` ({learner id: score}) where the board reads them; return the board, built where it must be."""
    if metric.is_windowed:
        WindowScore.objects.filter(metric=metric.name).delete()
        listed = set(LearnerProfile.objects.visible().values_list("pk", flat=True))
        WindowScore.objects.bulk_create(
            WindowScore(metric=metric.name, learner_id=learner_id, score=score)
            for learner_id, score in scores.items()
            if learner_id in listed
        )
        WindowRefresh.objects.update_or_create(metric=metric.name, defaults={"as_of": at})
    else:
        expires_at = at + timedelta(days=1)
        profiles = [
            LearnerProfile(pk=learner_id, streak_expires_at=expires_at, **{metric.column: score})
            for learner_id, score in scores.items()
        ]
        LearnerProfile.objects.bulk_update(profiles, [metric.column, "streak_expires_at"], batch_size=500)
    filled = board(metric)
    if isinstance(filled, redis.RedisBoard):
        assert redis.store().build(metric, at=at, oldest=at)
        # Redis answers, not the database as its fallback.
        assert redis.store().read(metric, None, limit=1, around=0, at=at) is not None
    return filled


class Oracle:
    """Ranks computed by counting the learners above."""

    def __init__(self, scores):
        ranked = {learner_id: score for learner_id, score in scores.items() if score > 0}
        ascending = sorted(ranked.values())
        self.order = sorted(ranked, key=lambda learner_id: (-ranked[learner_id], learner_id))
        self.place = {learner_id: place for place, learner_id in enumerate(self.order)}
        self.standings = {
            learner_id: Standing(1 + len(ascending) - bisect_left(ascending, score + 1), learner_id, score)
            for learner_id, score in ranked.items()
        }

    def top(self, limit):
        return [self.standings[learner_id] for learner_id in self.order[:limit]]

    def around(self, learner_id, neighbours):
        place = self.place.get(learner_id)
        if place is None:
            return []
        part = self.order[max(place - neighbours, 0) : place + neighbours + 1]
        return [self.standings[neighbour] for neighbour in part]

    def answer(self, learner_id, *, limit, around):
        return (
            len(self.order),
            self.top(limit),
            self.around(learner_id, around),
            self.standings.get(learner_id),
        )


def answer_of(ranking):
    return ranking.total, ranking.top, ranking.around, ranking.me
