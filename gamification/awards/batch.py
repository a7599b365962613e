"""What deeds earn, all of it: XP, streak, bonus, metrics, achievements, badges; in few statements, however many."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned, Values, values_of
from gamification.ledger import entries as ledger
from gamification.ledger.entries import Line
from gamification.models import Achievement, Badge, BadgeAward, LearnerProfile, LedgerEntry, Unlock
from gamification.pricing import xp
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.pricing.rules import Rules, read_rules_text
from gamification.streaks.local_dates import date_deed, local_date
from gamification.streaks.pending_days import DayRows
from gamification.streaks.recording import Recorded, record_activity
from gamification.streaks.runs import Action
from hotsql.writes import Write, inserting, send

from .history import Past

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


class Book:
    """Deeds of one learner, folded into the profile one after the other and then written together.

    The caller has locked `profile` (`lock_profile`); after each deed it says where the learner stands.
    """

    def __init__(self, profile: LearnerProfile, rules: Rules, *, at: datetime, past: Past | None = None):
        self.profile, self.rules, self.at = profile, rules, at
        self.past, self.days = past or Past(profile.pk), DayRows(profile, at)
        self.entries: list[LedgerEntry] = []
        self.unlocks: list[Unlock] = []
        self.awards: list[BadgeAward] = []

    def enter(self, deed: Deed) -> Reward:
        profile, rules, at = self.profile, self.rules, self.at
        before = values_of(profile, rules, at)
        local = date_deed(profile, deed.occurred_at)
        recorded = record_activity(self.days, local.date(), completed=True)
        self._count(deed, hour=local.hour)
        breakdown = self._price(deed)
        lines = [*_completion_lines(deed, breakdown), *_bonus_lines(deed, recorded, local.date(), rules)]
        earned, entries = self.settle(lines, before=before, earned_at=deed.occurred_at)
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

    def settle(self, lines: list[Line], *, before: Values, earned_at: datetime) -> tuple[Earned, list[LedgerEntry]]:
        """Unlock what the changes since `before` have earned, and credit it together with `lines`."""
        gained, unearned = sum(line.delta for line in lines), self.past.unearned
        earned = unlocking.earn(self.profile, before, self.rules, gained=gained, at=self.at, unearned=unearned)
        return earned, self.credit(lines, earned, earned_at=earned_at)

    def credit(self, lines: list[Line], earned: Earned, *, earned_at: datetime) -> list[LedgerEntry]:
        """`lines`, and behind them what the achievements of `earned` pay."""
        self.profile.achievements_unlocked += len(earned.achievements)
        self.unlocks += unlocking.unlocks(self.profile, earned, earned_at=earned_at, at=self.at)
        self.awards += unlocking.awards(self.profile, earned, earned_at=earned_at)
        lines = [*lines, *achievement_lines(earned.achievements, earned_at)]
        entries = ledger.next_entries(self.profile, lines, self.at)
        self.entries += entries
        self.past.remember(lines, earned)
        return entries

    def writes(self) -> list[Write]:
        """All of it, to be made and sent once. The profile is locked, so nobody else writes the same."""
        return [
            *self.past.writes(),
            *self.days.writes(),
            *inserting(self.unlocks),
            *inserting(self.awards),
            *ledger.writes_of(self.profile, self.entries, at=self.at),
        ]

    def _count(self, deed: Deed, *, hour: int) -> None:
        profile = self.profile
        counts = Counter(profile.counters) + Counter(deed.counts) + Counter(counts_of_hour(hour))
        new = self.past.count_firsts(deed.firsts)
        profile.levels_completed += new.pop("levels_completed", 0)
        profile.counters = dict(+(counts + new))

    def _price(self, deed: Deed) -> xp.Breakdown:
        breakdown = xp.price(deed.facts, self.rules)
        if breakdown and deed.facts.repeat_policy != "full":
            already_paid = self.past.paid_for(deed.subject)
            breakdown = xp.limit_repeat(breakdown, deed.facts.repeat_policy, already_paid)
        if breakdown and self.rules.daily_xp_cap is not None:
            paid = self.past.paid_on(deed.occurred_at.astimezone(UTC).date(), deed.reference_type)
            breakdown = xp.limit_day(breakdown, self.rules.daily_xp_cap, paid)
        return breakdown


def no_reward(profile: LearnerProfile) -> Reward:
    """What a deed earned that does not count (yet)."""
    level = player_level_at(profile.total_xp, rules_of(profile))
    return Reward(awarded_xp=0, new_total_xp=profile.total_xp, breakdown=[], before=level, after=level, entries=[])


def settle(
    profile: LearnerProfile, lines: list[Line], *, before: Values, rules: Rules, earned_at: datetime, at: datetime
) -> tuple[Earned, list[LedgerEntry]]:
    """`Book.settle` for what is no completion, written at once."""
    book = Book(profile, rules, at=at)
    settled = book.settle(lines, before=before, earned_at=earned_at)
    send(book.writes())
    return settled


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
    return read_rules_text(profile.rule_version, profile.rule_text)


def counts_of_hour(hour: int) -> dict[str, int]:
    """What a completion at this hour of the learner's day adds to the metrics."""
    return {"early_completions": int(hour < EARLY_BEFORE), "late_completions": int(hour >= LATE_FROM)}


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
