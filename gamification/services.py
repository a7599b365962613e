"""The doors of gamification: other apps hand in facts and get a reward; staff adjust and reverse."""

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Sum

from . import xp
from .errors import NotReversible, OwnXP, ReferenceReused
from .ledger import Line, credit
from .models import LearnerProfile, LedgerEntry
from .progression import PlayerLevel, player_level_at
from .rules import Rules, read_rules
from .rulesets import published_rules


@dataclass(frozen=True)
class Deed:
    """One completion as gamification sees it. `subject` names what was completed; repeat policies sum over it."""

    reason: LedgerEntry.Reason
    reference_type: str
    reference_id: str
    subject: str
    facts: xp.Facts
    occurred_at: datetime


@dataclass(frozen=True)
class Reward:
    """What a deed earned. `breakdown` adds up to `awarded_xp`; `new_total_xp` is the balance after all `entries`."""

    awarded_xp: int
    new_total_xp: int
    breakdown: xp.Breakdown
    before: PlayerLevel
    after: PlayerLevel
    entries: list[LedgerEntry]
    # What later rooms of the house fill: answers carry these from the first day.
    streak: None = None
    unlocked_achievements: tuple = ()
    unlocked_badges: tuple = ()

    @property
    def total_awarded_xp(self) -> int:
        return sum(entry.delta for entry in self.entries)

    @property
    def level_up(self) -> bool:
        return self.after.level > self.before.level


def profile_of(user) -> LearnerProfile:
    return LearnerProfile.objects.get_or_create(user=user)[0]


def player_level(total_xp: int) -> PlayerLevel:
    return player_level_at(total_xp, published_rules())


def lock_profile(learner_id: int) -> LearnerProfile:
    """The learner's profile, locked until the transaction ends; made first for people who never had one (staff)."""
    locked = LearnerProfile.objects.locked_with_rules().filter(pk=learner_id)
    profile = locked.first()
    if profile is None:
        LearnerProfile.objects.get_or_create(pk=learner_id)
        profile = locked.get()
    return profile


def reward(profile: LearnerProfile, deed: Deed, *, at: datetime) -> Reward:
    """Pay `deed` to the learner of `profile`, which the caller has locked with `lock_profile`."""
    rules = _rules_for(profile)
    before = player_level_at(profile.total_xp, rules)
    breakdown = _price(profile, deed, rules)
    entries = credit(profile, _lines_for(deed, breakdown), at=at)
    return Reward(
        awarded_xp=xp.total(breakdown),
        new_total_xp=profile.total_xp,
        breakdown=breakdown,
        before=before,
        after=player_level_at(profile.total_xp, rules),
        entries=entries,
    )


def no_reward(profile: LearnerProfile) -> Reward:
    """What a deed earned that does not count (yet)."""
    level = player_level_at(profile.total_xp, _rules_for(profile))
    return Reward(awarded_xp=0, new_total_xp=profile.total_xp, breakdown=[], before=level, after=level, entries=[])


def xp_since(learner_id: int, since: datetime) -> int:
    """The XP, net of reversals, that was written to the learner's ledger since then."""
    return _sum(LedgerEntry.objects.filter(learner_id=learner_id, created_at__gte=since))


@transaction.atomic
def adjust(
    *,
    learner_id: int,
    amount: int,
    reason: str,
    actor,
    at: datetime,
    note: str = "",
    reference_id: str = "",
    metadata: dict | None = None,
) -> LedgerEntry:
    """Give or take XP by hand; the caller has checked the permission `award_xp`.

    With a `reference_id` it is done once: a repeat returns the first line. Raise OwnXP, DeltaOutOfRange,
    BalanceBelowZero, BalanceTooLarge, or ReferenceReused when the reference stands for another amount.
    """
    if actor.pk == learner_id:
        raise OwnXP
    profile = lock_profile(learner_id)
    if reference_id and (earlier := _adjustment(learner_id, reference_id)):
        return _same_amount(earlier, amount)
    line = Line(
        delta=amount,
        reason=LedgerEntry.Reason.MANUAL_ADJUSTMENT,
        reference_type="adjustment",
        reference_id=reference_id or str(uuid.uuid4()),
        effective_at=at,
        note="\n".join(filter(None, [reason, note])),
        actor_id=actor.pk,
        metadata=metadata or {},
    )
    return credit(profile, [line], at=at)[0]


@transaction.atomic
def reverse(entry: LedgerEntry, *, actor, note: str, at: datetime) -> LedgerEntry:
    """Take a line back by its opposite. Raise OwnXP, NotReversible, BalanceBelowZero or BalanceTooLarge."""
    if actor.pk == entry.learner_id:
        raise OwnXP
    profile = lock_profile(entry.learner_id)
    if entry.reversal_of_id:
        raise NotReversible("A reversal cannot be reversed.")
    if LedgerEntry.objects.filter(reversal_of=entry).exists():
        raise NotReversible("This line has been reversed already.")
    line = Line(
        delta=-entry.delta,
        reason=LedgerEntry.Reason.REVERSAL,
        reference_type=entry.reference_type,
        reference_id=entry.reference_id,
        effective_at=entry.effective_at,
        subject=entry.subject,
        note=note,
        actor_id=actor.pk,
        reversal_of=entry,
    )
    return credit(profile, [line], at=at)[0]


def _rules_for(profile: LearnerProfile) -> Rules:
    return read_rules(profile.rule_version, profile.rule_data)


def _price(profile: LearnerProfile, deed: Deed, rules: Rules) -> xp.Breakdown:
    breakdown = xp.price(deed.facts, rules)
    if breakdown and deed.facts.repeat_policy != "full":
        already_paid = _sum(LedgerEntry.objects.filter(learner_id=profile.pk, subject=deed.subject))
        breakdown = xp.limit_repeat(breakdown, deed.facts.repeat_policy, already_paid)
    if breakdown and rules.daily_xp_cap is not None:
        breakdown = xp.limit_day(breakdown, rules.daily_xp_cap, _paid_on_day_of(profile, deed))
    return breakdown


def _paid_on_day_of(profile: LearnerProfile, deed: Deed) -> int:
    day = deed.occurred_at.astimezone(UTC).date()
    return _sum(
        LedgerEntry.objects.filter(learner_id=profile.pk, reference_type=deed.reference_type, effective_at__date=day)
    )


def _sum(entries) -> int:
    return entries.aggregate(total=Sum("delta"))["total"] or 0


def _lines_for(deed: Deed, breakdown: xp.Breakdown) -> list[Line]:
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


def _adjustment(learner_id: int, reference_id: str) -> LedgerEntry | None:
    return LedgerEntry.objects.filter(
        learner_id=learner_id, reference_type="adjustment", reference_id=reference_id, reversal_of=None
    ).first()


def _same_amount(earlier: LedgerEntry, amount: int) -> LedgerEntry:
    if earlier.delta != amount:
        raise ReferenceReused
    return earlier
