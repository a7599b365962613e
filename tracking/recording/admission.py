"""Who may track what: the feature flag, the level's availability, the client's clock, the score's bounds."""

import hashlib
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db.models import OuterRef, Subquery
from rest_framework.exceptions import APIException

from hotsql.querysets import Prepared
from levels.errors import LevelLocked, UnknownLevel
from levels.models import Level, as_reference
from tracking.errors import ClockOutOfRange, ScoreTooHigh, TrackingDisabled
from tracking.models import Completion

UNTOLD = ["description", "tags", "created_by", "created_at", "updated_at"]  # what no deed needs to know of a level


def _levels(learner_id: int, reference: int | str, *, by_name: bool):
    passed = Completion.objects.passed_levels(learner_id)
    earlier = passed.filter(level=OuterRef("pk")).order_by("created_at").values("category")[:1]
    levels = Level.objects.named(reference, by_name=by_name).with_has_missing(passed)
    return levels.annotate(passed_category=Subquery(earlier)).defer(*UNTOLD).order_by()


_find = {by_name: Prepared(partial(_levels, by_name=by_name)) for by_name in [False, True]}


def find_level(learner, reference: int | str, *, by_name: bool = False) -> Level | None:
    """The level that a client names, whether or not it is available, with what decides that for this learner.

    `has_missing`: a prerequisite is not passed. `passed_category`: the category under which the level counts since the
    learner first passed it; None before that.
    """
    found = _find[by_name](learner.pk, as_reference(reference))
    return found[0] if found else None


def refuse_learner(learner) -> APIException | None:
    if not settings.ENABLE_SERVER_SIDE_TRACKING or _share_of(learner) >= settings.SERVER_SIDE_TRACKING_PERCENT:
        return TrackingDisabled()
    return None


def refuse_level(learner, level: Level | None) -> APIException | None:
    if level is None or not level.published:
        return UnknownLevel()
    if not level.is_available(has_passed=level.passed_category is not None, has_missing=level.has_missing):
        return LevelLocked(level, level.missing_prerequisites(Completion.objects.passed_levels(learner)))
    return None


def refuse_score(level: Level, score: int) -> APIException | None:
    return ScoreTooHigh(level.max_score) if score > level.max_score else None


def refuse_clock(occurred_at: datetime, at: datetime) -> APIException | None:
    if at - settings.EVENT_MAX_AGE <= occurred_at <= at + settings.EVENT_MAX_AHEAD:
        return None
    return ClockOutOfRange()


def _share_of(learner) -> int:
    """0 to 99, the same for a learner for ever: raising the percentage never takes anyone out."""
    return int.from_bytes(hashlib.sha256(str(learner.pk).encode()).digest()[:4], "big") % 100
