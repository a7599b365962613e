"""Who may track what: the feature flag, the level's availability, the client's clock, the score's bounds."""

import hashlib
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef
from rest_framework.exceptions import APIException

from hotsql.querysets import Prepared
from levels.errors import LevelLocked, UnknownLevel
from levels.history import level_as_of, missing_as_of
from levels.models import Level, LevelQuerySet, as_reference
from tracking.errors import ClockOutOfRange, ScoreTooHigh, TrackingDisabled, VerifiedOnly
from tracking.models import Completion, CompletionQuerySet

from .categories import counted_category
from .limits import PREREQUISITE_HELD
from .trust import Reporter

UNUSED_FIELDS = ["description", "tags", "created_by", "created_at", "updated_at"]  # recording needs none of them


def _levels(learner_id: int, reference: int | str, *, by_name: bool) -> LevelQuerySet:
    passed = Completion.objects.passed_levels(learner_id)
    levels = Level.objects.named(reference, by_name=by_name).with_has_missing(passed)
    return (
        levels.annotate(
            has_passed=Exists(passed.filter(level=OuterRef("pk"))), counted_category=counted_category(learner_id)
        )
        .defer(*UNUSED_FIELDS)
        .order_by()
    )


_find = {by_name: Prepared(partial(_levels, by_name=by_name)) for by_name in [False, True]}


def find_level(learner, reference: int | str, *, by_name: bool = False) -> Level | None:
    """The level that a client names, whether or not it is available, with annotations for this learner.

    `has_missing`: a prerequisite is not passed; `has_passed`: the level itself is; `counted_category` (categories.py).
    """
    found = _find[by_name](learner.pk, as_reference(reference))
    if not found and by_name:
        # Of a client that has shown the name in another language. Only then this costs further statements.
        named = Level.objects.by_translated_name([str(reference)])
        found = [row for level in named.values() for row in _find[False](learner.pk, level.level_id)]
    return found[0] if found else None


def learner_refusal(learner) -> APIException | None:
    if not settings.ENABLE_SERVER_SIDE_TRACKING or _share_of(learner) >= settings.SERVER_SIDE_TRACKING_PERCENT:
        return TrackingDisabled()
    return None


def level_refusal(learner: Any, level: Level | None, *, played_at: datetime | None = None) -> APIException | None:
    """None if the level is available to the learner, or was at `played_at`."""
    if level is None:
        return UnknownLevel()
    if level.is_available(has_passed=level.has_passed, has_missing=level.has_missing):
        return None
    passed = Completion.objects.passed_levels(learner)
    if played_at and _was_available(level, passed, played_at):
        return None
    return LevelLocked(level, level.missing_prerequisites(passed)) if level.published else UnknownLevel()


class Access(NamedTuple):
    """Whether a result of a level is taken; with a `held_reason` it is held, since only held results open the level."""

    refusal: APIException | None = None
    held_reason: str = ""


def access_to(learner: Any, level: Level | None, *, played_at: datetime | None = None) -> Access:
    """As `level_refusal`, but a result is not refused because staff have yet to decide about another one."""
    refusal = level_refusal(learner, level, played_at=played_at)
    if level and isinstance(refusal, LevelLocked) and _is_opened_by_held(learner, level, played_at):
        return Access(held_reason=PREREQUISITE_HELD)
    return Access(refusal)


def _is_opened_by_held(learner: Any, level: Level, played_at: datetime | None) -> bool:
    passed = Completion.objects.passed_or_held_levels(learner)
    has_missing = bool(level.missing_prerequisites(passed))
    is_available = level.is_available(has_passed=level.has_passed, has_missing=has_missing)
    return is_available or (played_at is not None and _was_available(level, passed, played_at))


def _was_available(level: Level, passed: CompletionQuerySet, moment: datetime) -> bool:
    missing = missing_as_of(level, moment, passed=passed)
    return level_as_of(level, moment).is_available(has_passed=level.has_passed, has_missing=bool(missing))


def rules_for(level: Level, earlier: Level, score: int) -> Level:
    """The level by whose play rules a score is judged: `earlier`, the level as it was played, if that allows the score.

    Else the present one: the maximum may have been raised while a session was open.
    """
    return earlier if score <= earlier.max_score else level


def score_refusal(level: Level, score: int) -> APIException | None:
    return ScoreTooHigh(level.max_score) if score > level.max_score else None


def verified_refusal(level: Level, reporter: Reporter) -> APIException | None:
    """Of a result that the server has not judged itself; `level` is as it was when it was played."""
    return VerifiedOnly() if level.verified_only and not reporter.is_server else None


def clock_refusal(occurred_at: datetime, at: datetime) -> APIException | None:
    if at - settings.EVENT_MAX_AGE <= occurred_at <= at + settings.EVENT_MAX_AHEAD:
        return None
    return ClockOutOfRange()


def _share_of(learner) -> int:
    """0 to 99, the same for a learner for ever: raising the percentage never takes anyone out."""
    return int.from_bytes(hashlib.sha256(str(learner.pk).encode()).digest()[:4], "big") % 100
