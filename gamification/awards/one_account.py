"""What a learner would have earned if everything had been done with one account from the start: computed in memory.

It applies the rules of `AwardBatch`, one deed after the other, to a profile that begins empty. Nothing is read from
the database or written to it.
"""

import copy
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned, Values, values_of
from gamification.errors import NoFreezesLeft, NoStreak
from gamification.ledger.entries import NewEntry
from gamification.metrics import metrics_of
from gamification.models import Achievement, Amnesty, Badge, LearnerProfile, LedgerEntry, Requirement, Trust
from gamification.pricing import xp
from gamification.pricing.limits import Limits, Timing
from gamification.pricing.rules import Rules
from gamification.streaks import pardons
from gamification.streaks.local_dates import local_date, local_time
from gamification.streaks.pending_days import PendingDays
from gamification.streaks.recording import Recorded, freeze_today, record_activity
from gamification.streaks.refreshing import refresh_streak

from .award_entries import achievement_entries, bonus_entries, completion_entries
from .batch import counts_of_hour
from .in_memory import PaidInMemory, ReviewsInMemory, UsageInMemory
from .limiter import Limiter
from .metrics import MetricAward, metric_entries, price_event
from .reviews import price_review, record_reviews, review_entries
from .rewards import Award, ReviewAward

Reference = tuple[str, str]  # reference_type, reference_id
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """The rules and the limits that were in force at some moment."""

    rules: Rules
    limits: Limits


@dataclass(frozen=True)
class Judged:
    """What became of a completion: held, for a reason, or what counted of metrics that a daily limit has cut."""

    held_reason: str = ""
    counted: dict[str, int] | None = None


@dataclass(frozen=True)
class Had:
    """Something that was earned: when, and by what."""

    earned_at: datetime
    trust: Trust


@dataclass(frozen=True)
class PlausibleTiming(Timing):
    """Of a completion that was found plausible when it was recorded."""

    def why_implausible(self, limits: Limits) -> str:  # noqa: ARG002 (as in Timing)
        return ""


@dataclass
class OneAccount:
    """The account so far. `profile` is that of the account in which it ends, with its zone changes loaded."""

    profile: LearnerProfile
    requirements: Sequence[Requirement]
    entries: list[NewEntry] = field(default_factory=list)
    unlocks: dict[Achievement, Had] = field(default_factory=dict)
    badges: dict[Badge, Had] = field(default_factory=dict)
    at: datetime = LONG_AGO

    def __post_init__(self) -> None:
        self.profile = _blank(self.profile)
        self.days = PendingDays(self.profile, self.at)
        _ = self.days.kinds  # read now, while the profile says that there are none
        self.usage, self.reviews, self.paid = UsageInMemory(), ReviewsInMemory(), PaidInMemory()
        self.firsts: set[tuple[str, str]] = set()
        self.unearned = Unearned(self.requirements)

    def complete(self, award: Award, breakdown: xp.Breakdown, version: Version, *, at: datetime) -> Judged:
        """`breakdown` is what the completion pays before repeats and daily limits."""
        local = local_time(self.profile, award.occurred_at)
        limiter = Limiter(version.limits, self.usage, metrics_of(self.profile))
        breakdown = self._limit(award, breakdown, version, limiter, local.date())
        if reason := limiter.held_reason(award, local.date(), xp.total(breakdown)):
            return Judged(held_reason=reason)
        before = self._begin(version, at)
        recorded = record_activity(self.days, local.date(), completed=award.completes)
        cut = limiter.cut_metrics(award, local.date())
        counted = {**award.counts, **cut}
        limiter.use(award, local.date(), xp.total(breakdown), counted)
        limiter.use_metrics(local.date(), counted)
        self._count(award, counted, local.hour)
        self._credit(_entries(award, breakdown, recorded, local.date(), version.rules))
        self._earn(before, version, earned_at=award.occurred_at, trust=award.trust)
        return Judged(counted=cut or None)

    def report(self, award: MetricAward, version: Version, *, at: datetime) -> int:
        """An event of a metric; return how much of it counts."""
        before, metric = self._begin(version, at), award.metric
        day = local_date(self.profile, award.occurred_at)
        limiter = Limiter(version.limits, self.usage, {metric.metric_id: metric})
        if metric.counts_as_activity:
            record_activity(self.days, day, completed=False)
        counted = limiter.left_of(metric.metric_id, award.value, day)
        limiter.use_metrics(day, {metric.metric_id: counted})
        self.profile.counters = dict(Counter(self.profile.counters) + Counter({metric.metric_id: counted}))
        self._credit(metric_entries(award, price_event(limiter, award, day, counted)))
        self._earn(before, version, earned_at=award.occurred_at, trust=award.trust)
        return counted

    def review(self, award: ReviewAward, version: Version, *, at: datetime) -> tuple[date, int]:
        """The review of a question; return its date, and what it pays."""
        before, day = self._begin(version, at), local_date(self.profile, award.occurred_at)
        award = self.reviews.follow(award, day)
        recorded = record_reviews(self.days, award, day, version.rules)
        breakdown = price_review(award, version.rules)
        self.reviews.paid[day] += xp.total(breakdown)
        self._credit(review_entries(award, breakdown, recorded, day, version.rules))
        self._earn(before, version, earned_at=award.occurred_at, trust=award.trust)
        return day, xp.total(breakdown)

    def check_in(self, day: date, version: Version, *, at: datetime, completed: bool = False) -> None:
        before = self._begin(version, at)
        record_activity(self.days, day, completed=completed)
        self._earn(before, version, earned_at=at, trust=Trust.REPORTED)

    def protect_today(self, version: Version, *, at: datetime) -> None:
        """Nothing happens where one account would have been refused."""
        before = self._begin(version, at)
        with suppress(NoStreak, NoFreezesLeft):
            freeze_today(self.days, local_date(self.profile, at))
        self._earn(before, version, earned_at=at, trust=Trust.REPORTED)

    def pardon(self, amnesty: Amnesty, version: Version, *, at: datetime) -> None:
        before = self._begin(version, at)
        pardons.apply(self.days, amnesties=[amnesty])
        self._earn(before, version, earned_at=at, trust=Trust.REPORTED)

    def repair(self, day: date, version: Version, *, at: datetime) -> None:
        before = self._begin(version, at)
        pardons.pardon(day, self.days.kinds, self.days)
        refresh_streak(self.profile, self.days.kinds)
        self._earn(before, version, earned_at=at, trust=Trust.REPORTED)

    def credit(self, entry: NewEntry, version: Version, *, at: datetime) -> None:
        """An entry that was not paid for a completion, a day or an achievement, such as an adjustment."""
        before = self._begin(version, at)
        self._credit([entry])
        self._earn(before, version, earned_at=at, trust=entry.trust)

    def reverse(self, reference: Reference) -> None:
        """Staff have reversed what it paid; once, however often they did."""
        standing = [entry for entry in self.entries if (entry.reference_type, entry.reference_id) == reference]
        if sum(entry.delta for entry in standing):
            self._credit(replace(entry, delta=-entry.delta, reason=LedgerEntry.Reason.REVERSAL) for entry in standing)

    def unlock(self, achievement: Achievement, had: Had, version: Version, *, at: datetime) -> None:
        """One of the two accounts has it, for a condition that it may not have any more."""
        if achievement not in self.unlocks:
            before = self._begin(version, at)
            self._take(Earned(achievements=[achievement]), had)
            self._earn(before, version, earned_at=had.earned_at, trust=had.trust)

    def take_back(self, achievement: Achievement) -> None:
        """Staff have revoked it; it is not earned again."""
        self.profile.achievements_unlocked -= achievement in self.unlocks

    def _begin(self, version: Version, at: datetime) -> Values:
        self.at = self.days.at = at
        return values_of(self.profile, version.rules, at)

    def _limit(
        self, award: Award, breakdown: xp.Breakdown, version: Version, limiter: Limiter, day: date
    ) -> xp.Breakdown:
        breakdown = self.paid.limit_repeat(breakdown, award.facts.repeat_policy, award.subject)
        if breakdown:
            breakdown = limiter.limit_repeats(award, day, breakdown)
        utc_day = award.occurred_at.astimezone(UTC).date()
        return self.paid.limit_day(breakdown, version.rules.daily_xp_cap, utc_day, award.reference_type)

    def _count(self, award: Award, counted: dict[str, int], hour: int) -> None:
        of_hour = counts_of_hour(hour) if award.facts.passed else {}
        new = Counter(metric for metric, value in award.firsts if (metric, value) not in self.firsts)
        self.firsts.update(award.firsts)
        self.profile.levels_completed += new.pop("levels_completed", 0)
        counts = Counter(self.profile.counters) + Counter(counted) + Counter(of_hour) + new
        self.profile.counters = dict(+counts)

    def _credit(self, entries: Iterable[NewEntry]) -> None:
        for entry in entries:
            self.entries.append(entry)
            self.profile.total_xp += entry.delta
            utc_day = entry.effective_at.astimezone(UTC).date()
            self.paid.note(entry.delta, entry.subject, utc_day, entry.reference_type)

    def _earn(self, before: Values, version: Version, *, earned_at: datetime, trust: Trust) -> None:
        earned = unlocking.earn(self.profile, before, version.rules, gained=0, at=self.at, unearned=self.unearned)
        self._take(earned, Had(earned_at, trust))

    def _take(self, earned: Earned, had: Had) -> None:
        self.unearned.take(earned)
        self.unlocks |= dict.fromkeys(earned.achievements, had)
        self.badges |= dict.fromkeys(earned.badges, had)
        self.profile.achievements_unlocked += len(earned.achievements)
        self._credit(achievement_entries(earned.achievements, had.earned_at, trust=had.trust))


class Unearned:
    """As `unlocking.Unearned`, from requirements in memory."""

    def __init__(self, requirements: Iterable[Requirement]) -> None:
        self.rows: dict[str, list[Requirement]] = defaultdict(list)
        for row in sorted(requirements, key=lambda row: row.threshold):
            self.rows[row.metric].append(row)
        self.thresholds = {metric: [row.threshold for row in rows] for metric, rows in self.rows.items()}
        self.had: set[Achievement | Badge] = set()

    def crossed(self, before: Values, after: Values) -> list[Requirement]:
        grown = [metric for metric in self.rows if after.get(metric, 0) > before.get(metric, 0)]
        return [row for metric in grown for row in self._between(metric, before.get(metric, 0), after[metric])]

    def reachable(self, reached: Values) -> list[Requirement]:
        return [row for metric, value in reached.items() for row in self._between(metric, value)]

    def take(self, earned: Earned) -> None:
        self.had.update(earned.achievements, earned.badges)

    def _between(self, metric: str, above: int, at_most: int | None = None) -> list[Requirement]:
        thresholds = self.thresholds.get(metric, [])
        last = len(thresholds) if at_most is None else bisect_right(thresholds, at_most)
        rows = self.rows[metric][bisect_right(thresholds, above) : last] if thresholds else []
        return [row for row in rows if row.owner not in self.had]


def _entries(award: Award, breakdown: xp.Breakdown, recorded: Recorded, day: date, rules: Rules) -> list[NewEntry]:
    return [*completion_entries(award, breakdown), *bonus_entries(award, recorded, day, rules)]


def _blank(profile: LearnerProfile) -> LearnerProfile:
    """The same learner, zones and first freezes, without anything done."""
    blank = copy.copy(profile)
    for name in (*LearnerProfile.RUNNING_TOTALS, "verified_xp"):
        setattr(blank, name, LearnerProfile._meta.get_field(name).get_default())
    blank.freezes_available = profile.first_freezes
    blank.newest_amnesty = 0  # amnesties are deeds of their own here
    return blank
