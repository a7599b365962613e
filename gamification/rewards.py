"""What a deed earns, all of it: XP, streak, bonus, metrics, achievements, badges; in few statements, whatever it is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

from django.db import connection
from django.db.models import Sum

from . import unlocking, xp
from .days import Recorded, record_activity
from .ledger import Line, credit
from .models import Achievement, Badge, FirstTime, LearnerProfile, LedgerEntry
from .progression import PlayerLevel, player_level_at
from .rules import Rules, read_rules
from .streaks import Action
from .unlocking import Earned, Values, values_of
from .writes import insert_absent
from .zones import date_deed, local_date

EARLY_BEFORE, LATE_FROM = 8, 22  # hours of the learner's local time


@dataclass(frozen=True)
class Deed:
    """One completion as gamification sees it. `subject` names what was completed; repeat policies sum over it.

    `counts` is added to the metrics of the same names; `firsts` are (metric, value) pairs that count once each.
    """

    reason: LedgerEntry.Reason
    reference_type: str
    reference_id: str
    subject: str
    facts: xp.Facts
    occurred_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    firsts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class StreakNow:
    """As of the learner's today; `action` is what the deed did."""

    action: Action
    current_streak: int
    longest_streak: int
    freezes_available: int


@dataclass(frozen=True)
class Reward:
    """What a deed earned. `breakdown` adds up to `awarded_xp`; `new_total_xp` is the balance after all `entries`."""

    awarded_xp: int
    new_total_xp: int
    breakdown: xp.Breakdown
    before: PlayerLevel
    after: PlayerLevel
    entries: list[LedgerEntry]
    streak: StreakNow | None = None
    unlocked_achievements: list[Achievement] = field(default_factory=list)
    unlocked_badges: list[Badge] = field(default_factory=list)

    @property
    def total_awarded_xp(self) -> int:
        return sum(entry.delta for entry in self.entries)

    @property
    def level_up(self) -> bool:
        return self.after.level > self.before.level


def reward(profile: LearnerProfile, deed: Deed, *, at: datetime) -> Reward:
    """Pay `deed` to the learner of `profile`, which the caller has locked with `lock_profile`."""
    rules = rules_of(profile)
    before = values_of(profile, rules, at)
    local = date_deed(profile, deed.occurred_at)
    recorded = record_activity(profile, local.date(), at=at, completed=True)
    _count(profile, deed, hour=local.hour)
    breakdown = _price(profile, deed, rules)
    lines = [*_completion_lines(deed, breakdown), *_bonus_lines(deed, recorded, local.date(), rules)]
    earned, entries = settle(profile, lines, before=before, rules=rules, earned_at=deed.occurred_at, at=at)
    return Reward(
        awarded_xp=xp.total(breakdown),
        new_total_xp=profile.total_xp,
        breakdown=breakdown,
        before=player_level_at(before["xp"], rules),
        after=player_level_at(profile.total_xp, rules),
        entries=entries,
        streak=streak_now(profile, recorded.action, at),
        unlocked_achievements=earned.achievements,
        unlocked_badges=earned.badges,
    )


def no_reward(profile: LearnerProfile) -> Reward:
    """What a deed earned that does not count (yet)."""
    level = player_level_at(profile.total_xp, rules_of(profile))
    return Reward(awarded_xp=0, new_total_xp=profile.total_xp, breakdown=[], before=level, after=level, entries=[])


def settle(
    profile: LearnerProfile, lines: list[Line], *, before: Values, rules: Rules, earned_at: datetime, at: datetime
) -> tuple[Earned, list[LedgerEntry]]:
    """Unlock what the changes since `before` have earned, then write all lines and totals at once."""
    earned = unlocking.earn(profile, before, rules, gained=sum(line.delta for line in lines), at=at)
    unlocking.write(profile, earned, earned_at=earned_at, at=at)
    return earned, credit(profile, [*lines, *achievement_lines(earned.achievements, earned_at)], at=at)


def achievement_lines(achievements: list[Achievement], earned_at: datetime) -> list[Line]:
    return [
        Line(
            delta=achievement.xp_reward,
            reason=LedgerEntry.Reason.ACHIEVEMENT,
            reference_type=LedgerEntry.ACHIEVEMENT_REFERENCE,
            reference_id=achievement.achievement_id,
            effective_at=earned_at,
            metadata=_explained("achievement", achievement.xp_reward),
        )
        for achievement in achievements
        if achievement.xp_reward
    ]


def streak_now(profile: LearnerProfile, action: Action, at: datetime) -> StreakNow:
    current = profile.current_streak(local_date(profile, at))
    return StreakNow(action, current, profile.longest_streak, profile.freezes_available)


def rules_of(profile: LearnerProfile) -> Rules:
    return read_rules(profile.rule_version, profile.rule_data)


def counts_of_hour(hour: int) -> dict[str, int]:
    """What a completion at this hour of the learner's day adds to the metrics."""
    return {"early_completions": int(hour < EARLY_BEFORE), "late_completions": int(hour >= LATE_FROM)}


def _count(profile: LearnerProfile, deed: Deed, *, hour: int) -> None:
    counts = Counter(profile.counters) + Counter(deed.counts) + Counter(counts_of_hour(hour))
    new = _firsts_inserted(profile, deed)
    profile.levels_completed += new.pop("levels_completed", 0)
    profile.counters = dict(+(counts + new))


def _firsts_inserted(profile: LearnerProfile, deed: Deed) -> Counter:
    if not deed.firsts:
        return Counter()
    rows = [FirstTime(learner_id=profile.pk, metric=metric, value=value) for metric, value in deed.firsts]
    return Counter(insert_absent(rows, conflict="(learner_id, metric, value)", returning="metric"))


def _price(profile: LearnerProfile, deed: Deed, rules: Rules) -> xp.Breakdown:
    breakdown = xp.price(deed.facts, rules)
    if breakdown and deed.facts.repeat_policy != "full":
        already_paid = _paid_for(profile, deed.subject)
        breakdown = xp.limit_repeat(breakdown, deed.facts.repeat_policy, already_paid)
    if breakdown and rules.daily_xp_cap is not None:
        breakdown = xp.limit_day(breakdown, rules.daily_xp_cap, _paid_on_day_of(profile, deed))
    return breakdown


def _paid_for(profile: LearnerProfile, subject: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUM(delta) FROM xp_history WHERE learner_id = %s AND subject = %s", [profile.pk, subject]
        )
        return int(cursor.fetchone()[0] or 0)


def _paid_on_day_of(profile: LearnerProfile, deed: Deed) -> int:
    day = deed.occurred_at.astimezone(UTC).date()
    entries = LedgerEntry.objects.filter(learner_id=profile.pk, effective_at__date=day)
    return entries.filter(reference_type=deed.reference_type).aggregate(total=Sum("delta", default=0))["total"]


def _completion_lines(deed: Deed, breakdown: xp.Breakdown) -> list[Line]:
    amount = xp.total(breakdown)
    if not amount:
        return []
    return [
        Line(
            delta=amount,
            reason=deed.reason,
            reference_type=deed.reference_type,
            reference_id=deed.reference_id,
            effective_at=deed.occurred_at,
            subject=deed.subject,
            metadata={"breakdown": [asdict(factor) for factor in breakdown]},
        )
    ]


def _bonus_lines(deed: Deed, recorded: Recorded, day: date, rules: Rules) -> list[Line]:
    bonus = xp.streak_bonus(recorded.run, rules) if recorded.is_first_completion else 0
    if not bonus:
        return []
    return [
        Line(
            delta=bonus,
            reason=LedgerEntry.Reason.STREAK_BONUS,
            reference_type="streak_bonus",
            reference_id=day.isoformat(),
            effective_at=deed.occurred_at,
            metadata=_explained("streak_bonus", bonus) | {"streak": recorded.run},
        )
    ]


def _explained(factor: str, value: int) -> dict:
    return {"breakdown": [{"factor": factor, "value": value}]}
