"""What a reversal would do, found by reversing the entry in a transaction that is rolled back."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils.translation import gettext_lazy as later
from rest_framework.exceptions import APIException

from gamification.awards.adjustments import reverse
from gamification.conditions.engine import holds
from gamification.conditions.schema import in_words
from gamification.earnables.unlocking import Earned, Values, values_of
from gamification.leaderboards.base import METRICS, Metric
from gamification.leaderboards.database_board import board_rows
from gamification.leaderboards.policies import ranking_in_force
from gamification.leaderboards.windows import first_moment
from gamification.models import Achievement, Badge, BadgeAward, LearnerProfile, LedgerEntry, Trust, Unlock
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.rule_sets.publishing import published_rules
from gamification.streaks.local_dates import local_date

from .previews import try_out

# `reference_type` of entries that were paid for activity on a date.
ACTIVITY_REFERENCES = {"completion", "streak_bonus"}
# Boards that a reversal can change.
BOARDS = [
    METRICS["xp_all_time"],
    *(metric for metric in METRICS.values() if metric.is_windowed),
    METRICS["achievements_unlocked"],
]
WORDS = {
    "xp_all_time": later("Leaderboard of all XP"),
    "xp_weekly": later("Leaderboard of the last 7 days"),
    "xp_monthly": later("Leaderboard of the last 30 days"),
    "achievements_unlocked": later("Leaderboard of achievements"),
}


@dataclass(frozen=True)
class Standing:
    total_xp: int
    level: PlayerLevel


@dataclass(frozen=True)
class BoardChange:
    """Ranks are None if the learner has none, or if the board is computed only from time to time."""

    metric: str
    score_before: int
    score_after: int
    rank_before: int | None = None
    rank_after: int | None = None

    @property
    def words(self) -> str:
        return str(WORDS[self.metric])


@dataclass(frozen=True)
class Kept:
    """An achievement that stays, and the condition, in words, that holds no longer."""

    achievement: Achievement
    words: str


@dataclass(frozen=True)
class ReversalPlan:
    """If `refusal` says why the entry cannot be reversed, there is nothing to say about afterwards.

    `revoked` is the achievement that goes with its entry, `kept` those that stay although their condition holds no
    longer, `earned` what the returned XP unlocks. `streak_day` is the date that stays as it is.
    """

    entry: LedgerEntry
    refusal: str | None
    before: Standing
    after: Standing | None = None
    revoked: Achievement | None = None
    kept: list[Kept] = field(default_factory=list)
    earned: Earned = field(default_factory=Earned)
    streak_day: date | None = None
    boards: list[BoardChange] = field(default_factory=list)


@dataclass(frozen=True)
class _Snapshot:
    """What a reversal may change about a learner, as it is in the database at one moment."""

    profile: LearnerProfile
    standing: Standing
    values: Values
    unlocks: list[Unlock]
    awards: list[BadgeAward]
    boards: dict[str, tuple[int, int | None]]  # metric -> score and rank


def plan_reversal(entry: LedgerEntry, *, actor, at: datetime) -> ReversalPlan:
    before = _snapshot(entry.learner_id, at)

    def reverse_and_look() -> _Snapshot:
        reverse(entry, actor=actor, note="", at=at)
        return _snapshot(entry.learner_id, at)

    try:
        after = try_out(reverse_and_look)
    except APIException as refusal:
        return ReversalPlan(entry, str(refusal.detail), before.standing)
    return ReversalPlan(
        entry=entry,
        refusal=None,
        before=before.standing,
        after=after.standing,
        revoked=next(iter(_achievements_only_in(before, after)), None),
        kept=_kept(before, after),
        earned=Earned(_achievements_only_in(after, before), _badges_only_in(after, before)),
        streak_day=_streak_day(before.profile, entry),
        boards=[
            BoardChange(metric, before.boards[metric][0], score, before.boards[metric][1], rank)
            for metric, (score, rank) in after.boards.items()
            if score != before.boards[metric][0]
        ],
    )


def _snapshot(learner_id: int, at: datetime) -> _Snapshot:
    profile, rules = LearnerProfile.objects.get(pk=learner_id), published_rules()
    unlocks = Unlock.objects.held().filter(learner=learner_id).select_related("achievement")
    awards = BadgeAward.objects.held().filter(learner=learner_id).select_related("badge")
    return _Snapshot(
        profile=profile,
        standing=Standing(profile.total_xp, player_level_at(profile.total_xp, rules)),
        values=values_of(profile, rules, at),
        unlocks=list(unlocks.order_by("achievement__position", "achievement_id")),
        awards=list(awards.order_by("badge__position", "badge_id")),
        boards={metric.name: _place(ranking_in_force(metric), profile, at) for metric in BOARDS}
        if profile.listed
        else {},
    )


def _achievements_only_in(one: _Snapshot, other: _Snapshot) -> list[Achievement]:
    return [unlock.achievement for unlock in one.unlocks if unlock not in other.unlocks]


def _badges_only_in(one: _Snapshot, other: _Snapshot) -> list[Badge]:
    return [award.badge for award in one.awards if award not in other.awards]


def _kept(before: _Snapshot, after: _Snapshot) -> list[Kept]:
    return [
        Kept(unlock.achievement, in_words(unlock.condition))
        for unlock in before.unlocks
        if unlock in after.unlocks
        and holds(unlock.condition, before.values)
        and not holds(unlock.condition, after.values)
    ]


def _streak_day(profile: LearnerProfile, entry: LedgerEntry) -> date | None:
    return local_date(profile, entry.effective_at) if entry.reference_type in ACTIVITY_REFERENCES else None


def _place(metric: Metric, profile: LearnerProfile, at: datetime) -> tuple[int, int | None]:
    """Score and rank; no rank on a windowed board, which is computed only from time to time."""
    if metric.is_windowed:
        return _score_in_window(metric, profile, at), None
    score = getattr(profile, metric.column)
    return score, board_rows(metric, at).filter(score__gt=score).count() + 1 if score > 0 else None


def _score_in_window(metric: Metric, profile: LearnerProfile, at: datetime) -> int:
    first = first_moment(metric, at)
    entries = LedgerEntry.objects.filter(
        learner=profile.pk, effective_at__gte=first, effective_at__lt=first + timedelta(days=metric.days)
    )
    if metric.only_verified:
        entries = entries.filter(trust=Trust.VERIFIED)
    return entries.aggregate(score=Sum("delta", default=0))["score"]
