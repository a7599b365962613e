"""What a reversal would do, told before it is done. Nothing here writes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum

from gamification.awards.adjustments import refuse_reversal
from gamification.conditions.engine import holds
from gamification.conditions.schema import in_words
from gamification.earnables.unlocking import Earned, Values, earn, values_of
from gamification.errors import BalanceBelowZero, BalanceTooLarge
from gamification.leaderboards.base import METRICS, Metric
from gamification.leaderboards.database_board import board_rows
from gamification.leaderboards.windows import first_moment
from gamification.models import MAX_TOTAL_XP, Achievement, LearnerProfile, LedgerEntry, Unlock
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.rule_sets.publishing import published_rules
from gamification.streaks.local_dates import local_date

DEEDS_OF_A_DAY = {"completion", "streak_bonus"}


@dataclass(frozen=True)
class Standing:
    total_xp: int
    level: PlayerLevel


@dataclass(frozen=True)
class BoardChange:
    """Ranks are None where a learner has none, or where the board is computed only now and then."""

    metric: str
    score_before: int
    score_after: int
    rank_before: int | None = None
    rank_after: int | None = None


@dataclass(frozen=True)
class Kept:
    """An achievement that stays, and the condition, in words, that will not hold any more."""

    achievement: Achievement
    words: str


@dataclass(frozen=True)
class ReversalPlan:
    """`refusal` says why it cannot be done; the rest is then as it would be, as far as that makes sense.

    `revoked` is the achievement that goes with its line, `kept` those that stay although their condition will hold no
    longer, `earned` what the XP given back unlocks. `streak_day` is the date that stays as it is.
    """

    entry: LedgerEntry
    refusal: str | None
    before: Standing
    after: Standing | None
    revoked: Achievement | None
    kept: list[Kept]
    earned: Earned
    streak_day: date | None
    boards: list[BoardChange]


def plan_reversal(entry: LedgerEntry, *, actor, at: datetime) -> ReversalPlan:
    profile = LearnerProfile.objects.get(pk=entry.learner_id)
    rules = published_rules()
    total_after = profile.total_xp - entry.delta
    after = Standing(total_after, player_level_at(total_after, rules)) if total_after >= 0 else None
    revoked = _revoked_with(entry)
    before_values = values_of(profile, rules, at)
    after_values = before_values | {
        "xp": max(0, total_after),
        "level": player_level_at(max(0, total_after), rules).level,
        "achievements_unlocked": profile.achievements_unlocked - bool(revoked),
    }
    return ReversalPlan(
        entry=entry,
        refusal=_refusal(entry, actor, total_after),
        before=Standing(profile.total_xp, player_level_at(profile.total_xp, rules)),
        after=after,
        revoked=revoked,
        kept=_kept(entry, revoked, before_values, after_values),
        earned=earn(profile, before_values, rules, gained=-entry.delta, at=at) if entry.delta < 0 else Earned(),
        streak_day=local_date(profile, entry.effective_at) if entry.reference_type in DEEDS_OF_A_DAY else None,
        boards=_boards(profile, entry, revoked, at),
    )


def _refusal(entry: LedgerEntry, actor, total_after: int) -> str | None:
    refusal = refuse_reversal(entry, actor)
    if refusal is None and total_after < 0:
        refusal = BalanceBelowZero()
    if refusal is None and total_after > MAX_TOTAL_XP:
        refusal = BalanceTooLarge()
    return str(refusal.detail) if refusal else None


def _revoked_with(entry: LedgerEntry) -> Achievement | None:
    if entry.reference_type != LedgerEntry.ACHIEVEMENT_REFERENCE:
        return None
    held = Unlock.objects.held().filter(learner_id=entry.learner_id, achievement__achievement_id=entry.reference_id)
    unlock = held.select_related("achievement").first()
    return unlock.achievement if unlock else None


def _kept(entry: LedgerEntry, revoked: Achievement | None, before: Values, after: Values) -> list[Kept]:
    held = Unlock.objects.held().filter(learner_id=entry.learner_id).select_related("achievement")
    return [
        Kept(unlock.achievement, in_words(unlock.condition))
        for unlock in held.order_by("achievement__position", "achievement_id")
        if unlock.achievement != revoked and holds(unlock.condition, before) and not holds(unlock.condition, after)
    ]


def _boards(
    profile: LearnerProfile, entry: LedgerEntry, revoked: Achievement | None, at: datetime
) -> list[BoardChange]:
    changes = []
    if profile.listed:
        changes.append(_ranked(METRICS["xp_all_time"], profile, profile.total_xp, -entry.delta, at))
        changes += [
            _windowed(metric, entry, at)
            for metric in METRICS.values()
            if metric.is_windowed and _is_within(metric, entry, at)
        ]
    if profile.listed and revoked:
        changes.append(_ranked(METRICS["achievements_unlocked"], profile, profile.achievements_unlocked, -1, at))
    return changes


def _ranked(metric: Metric, profile: LearnerProfile, score: int, change: int, at: datetime) -> BoardChange:
    others = board_rows(metric, at).exclude(learner_id=profile.pk)
    ranks = [others.filter(score__gt=after).count() + 1 if after > 0 else None for after in [score, score + change]]
    return BoardChange(metric.name, score, score + change, *ranks)


def _windowed(metric: Metric, entry: LedgerEntry, at: datetime) -> BoardChange:
    first = first_moment(metric, at)
    lines = LedgerEntry.objects.filter(
        learner_id=entry.learner_id, effective_at__gte=first, effective_at__lt=first + timedelta(days=metric.days)
    )
    score = lines.aggregate(score=Sum("delta"))["score"] or 0
    return BoardChange(metric.name, score, score - entry.delta)


def _is_within(metric: Metric, entry: LedgerEntry, at: datetime) -> bool:
    first = first_moment(metric, at)
    return first <= entry.effective_at < first + timedelta(days=metric.days)
