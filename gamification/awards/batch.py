"""How completions are paid: XP, streak, bonus, metrics, achievements and badges, in few statements however many.

`award_batch` and, for several learners, `award_batches` are the way in for other apps.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned, Values, values_of
from gamification.ledger.entries import NewEntry, append_entries, write_entries
from gamification.metrics import ChangedTotals, metrics_of, write_totals
from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Trust, Unlock
from gamification.pricing import xp
from gamification.pricing.progression import player_level_at
from gamification.profiles.locking import limits_of, lock_profile, rules_of
from gamification.streaks.local_dates import local_time, record_local_time
from gamification.streaks.pending_days import PendingDays, write_days
from gamification.streaks.recording import record_activity
from gamification.streaks.runs import Action
from hotsql.writes import insert_rows

from .award_entries import achievement_entries, bonus_entries, completion_entries
from .history import BatchHistory, LearnerHistory
from .limiter import Limiter
from .rewards import Award, Reward, no_reward, streak_change
from .shared_history import Planned, SharedHistory
from .usage import Usage, write_usage

EARLY_BEFORE, LATE_FROM = 8, 22  # hours of the learner's local time


@contextmanager
def award_batch(learner_id: int, *, at: datetime, moment: datetime | None = None) -> "Iterator[AwardBatch]":
    """Lock the learner's profile and yield an empty batch; write once, at the end of the block, what was added to it.

    Call it inside a transaction. `moment` is that of the only award which may be added: what it needs to know of the
    limits is read with the lock. Raise LearnerErased.
    """
    profile = lock_profile(learner_id, moment=moment)
    usage = Usage(profile, [moment] if moment else [])
    batch = AwardBatch(profile, LearnerHistory(learner_id), usage, PendingDays(profile, at), at=at)
    yield batch
    _write([batch], at=at)


@contextmanager
def award_batches(
    profiles: Sequence[LearnerProfile], planned: Planned, *, at: datetime, moments: Iterable[datetime] = ()
) -> "Iterator[dict[int, AwardBatch]]":
    """Yield an empty batch for each of these locked learners, by id; write at the end of the block what was added.

    `planned` names the awards that may be added, by learner: what they need to know is read in one statement a
    question, however many awards and learners. `moments` are those of what else may be added. A batch that the block
    removes is not written.
    """
    shared = SharedHistory(profiles, planned, moments)
    batches = {profile.pk: _batch_of(profile, shared, at) for profile in profiles}
    yield batches
    _write(list(batches.values()), at=at)


class AwardBatch:
    """Awards of one learner, applied to the locked profile in memory one after the other, and then written together."""

    def __init__(
        self, profile: LearnerProfile, history: LearnerHistory, usage: Usage, days: PendingDays, *, at: datetime
    ) -> None:
        self.profile, self.rules, self.at = profile, rules_of(profile), at
        self.history, self.usage, self.days = history, usage, days
        self.metrics = metrics_of(profile)
        self.metric_totals = ChangedTotals(profile, self.metrics)
        self.limiter = Limiter(limits_of(profile), usage, self.metrics)
        self.entries: list[LedgerEntry] = []
        self.unlocks: list[Unlock] = []
        self.badge_awards: list[BadgeAward] = []
        self.has_changes = False

    def add(self, award: Award) -> Reward:
        """Pay one completion, or hold it. The profile, and so the next award, sees its effects at once."""
        profile = self.profile
        local = local_time(profile, award.occurred_at)
        breakdown = self._price(award, local.date())
        if reason := self.limiter.held_reason(award, local.date(), xp.total(breakdown)):
            return no_reward(profile, award.trust, reason)
        before = self.values()
        local = record_local_time(profile, award.occurred_at)
        recorded = record_activity(self.days, local.date(), completed=award.completes)
        cut = self._count(award, local, xp.total(breakdown))
        if cut:
            breakdown = [*breakdown, xp.Factor("metric_limit", 0)]
        new = [*completion_entries(award, breakdown), *bonus_entries(award, recorded, local.date(), self.rules)]
        return self.pay(
            new,
            breakdown,
            before=before,
            earned_at=award.occurred_at,
            trust=award.trust,
            action=recorded.action,
            counted=cut or None,
        )

    def check_in(self, occurred_at: datetime, *, trust: Trust) -> Reward:
        """Record activity without a completion: it keeps the streak and may unlock what a streak unlocks."""
        before = self.values()
        day = record_local_time(self.profile, occurred_at).date()
        recorded = record_activity(self.days, day, completed=False)
        return self.pay([], [], before=before, earned_at=occurred_at, trust=trust, action=recorded.action)

    def pay(
        self,
        new_entries: list[NewEntry],
        breakdown: xp.Breakdown,
        *,
        before: Values,
        earned_at: datetime,
        trust: Trust,
        action: Action | None,
        counted: dict[str, int] | None = None,
    ) -> Reward:
        """Credit `new_entries` with what they and the changes since `before` unlock, and say what came of it.

        `action` is what it did to the streak, None where it is no activity.
        """
        earned, entries = self.credit_with_unlocks(new_entries, before=before, earned_at=earned_at, trust=trust)
        return Reward(
            awarded_xp=xp.total(breakdown),
            new_total_xp=self.profile.total_xp,
            breakdown=breakdown,
            before=player_level_at(before["xp"], self.rules),
            after=player_level_at(self.profile.total_xp, self.rules),
            entries=entries,
            trust=trust,
            streak=streak_change(self.profile, action, self.at) if action else None,
            unlocked_achievements=earned.achievements,
            unlocked_badges=earned.badges,
            counted=counted,
        )

    def values(self) -> Values:
        """Every metric of the learner as of now."""
        return values_of(self.profile, self.rules, self.at)

    def credit_with_unlocks(
        self, new_entries: list[NewEntry], *, before: Values, earned_at: datetime, trust: Trust
    ) -> tuple[Earned, list[LedgerEntry]]:
        """Credit `new_entries`, and unlock what they and the changes since `before` have earned.

        `trust` is that of what caused all of it.
        """
        gained = sum(new_entry.delta for new_entry in new_entries)
        unearned = self.history.unearned
        earned = unlocking.earn(self.profile, before, self.rules, gained=gained, at=self.at, unearned=unearned)
        return earned, self.credit(new_entries, earned, earned_at=earned_at, trust=trust)

    def credit(
        self, new_entries: list[NewEntry], earned: Earned, *, earned_at: datetime, trust: Trust
    ) -> list[LedgerEntry]:
        """Credit `new_entries`, followed by what the achievements in `earned` pay."""
        self.has_changes = True
        self.profile.achievements_unlocked += len(earned.achievements)
        self.unlocks += unlocking.unlocks(self.profile, earned, earned_at=earned_at, at=self.at)
        self.badge_awards += unlocking.awards(self.profile, earned, earned_at=earned_at)
        new_entries = [*new_entries, *achievement_entries(earned.achievements, earned_at, trust=trust)]
        entries = append_entries(self.profile, new_entries, self.at)
        self.entries += entries
        self.history.remember(new_entries, earned)
        return entries

    def _count(self, award: Award, local: datetime, amount: int) -> dict[str, int]:
        """Add to the metrics; return what counted of those that a limit has cut."""
        profile = self.profile
        cut = self.limiter.cut_metrics(award, local.date())
        counted = {**award.counts, **cut}
        self.limiter.use(award, local.date(), amount, counted)
        self.limiter.use_metrics(local.date(), counted)
        of_hour = counts_of_hour(local.hour) if award.facts.passed else {}
        new = self.history.count_firsts(award.firsts)
        profile.levels_completed += new.pop("levels_completed", 0)
        counters = Counter(profile.counters)
        for amounts in (counted, of_hour, new):
            counters.update(amounts)
        profile.counters = dict(+counters)
        self.metric_totals.note(counted, award.trust)
        return cut

    def _price(self, award: Award, day: date) -> xp.Breakdown:
        """`day` is the learner's local date."""
        breakdown = xp.price(award.facts, self.rules)
        if breakdown and award.facts.repeat_policy != "full":
            already_paid = self.history.paid_for(award.subject)
            breakdown = xp.limit_repeat(breakdown, award.facts.repeat_policy, already_paid)
        if breakdown:
            breakdown = self.limiter.limit_repeats(award, day, breakdown)
        if breakdown and self.rules.daily_xp_cap is not None:
            paid = self.history.paid_on(award.occurred_at.astimezone(UTC).date(), award.reference_type)
            breakdown = xp.limit_day(breakdown, self.rules.daily_xp_cap, paid)
        return breakdown


def counts_of_hour(hour: int) -> dict[str, int]:
    """What a completion in this hour (0 to 23) of the learner's day adds to the metrics."""
    return {"early_completions": int(hour < EARLY_BEFORE), "late_completions": int(hour >= LATE_FROM)}


def _batch_of(profile: LearnerProfile, shared: SharedHistory, at: datetime) -> AwardBatch:
    history, usage = BatchHistory(profile.pk, shared), Usage(profile, shared=shared)
    return AwardBatch(profile, history, usage, PendingDays(profile, at, shared.days), at=at)


def _write(batches: Sequence[AwardBatch], *, at: datetime) -> None:
    """Write everything that was added, if anything was. The locked profiles keep other writers out."""
    changed = [batch for batch in batches if batch.has_changes]
    if not changed:
        return
    insert_rows([first for batch in changed for first in batch.history.unwritten()])
    write_days([batch.days for batch in changed])
    write_usage(batch.usage for batch in changed)
    insert_rows([unlock for batch in changed for unlock in batch.unlocks])
    insert_rows([award for batch in changed for award in batch.badge_awards])
    write_totals(batch.metric_totals for batch in changed)
    entries = [entry for batch in changed for entry in batch.entries]
    write_entries([batch.profile for batch in changed], entries, at=at)
