"""XP that staff give, take or reverse by hand."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from approvals.errors import OwnXP
from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned
from gamification.errors import NotReversible, ReferenceReused
from gamification.ledger.entries import NewEntry
from gamification.models import LearnerProfile, LedgerEntry, Trust
from gamification.pricing.progression import PlayerLevel, player_level_at

from .batch import AwardBatch, award_batch


@dataclass(frozen=True)
class Adjusted:
    """What an adjustment did. `entry` is its own ledger entry; the others pay achievements that it unlocked.

    `is_new` is False where its reference was paid before: then nothing changed, and `before` equals `after`.
    """

    entry: LedgerEntry
    entries: list[LedgerEntry]
    profile: LearnerProfile
    before: PlayerLevel
    after: PlayerLevel
    earned: Earned
    is_new: bool = True

    @property
    def level_up(self) -> bool:
        return self.after.level > self.before.level

    @property
    def previous_xp(self) -> int:
        return self.entry.balance_after - self.entry.delta

    @property
    def total_xp(self) -> int:
        return self.profile.total_xp


@transaction.atomic
def adjust_xp(
    *,
    learner_id: int,
    amount: int,
    reason: str,
    actor,
    at: datetime,
    note: str = "",
    reference_id: str = "",
    metadata: dict | None = None,
) -> Adjusted:
    """Give or take XP by hand; the caller has checked the permission `award_xp`. Without `actor` a server key does it.

    With a `reference_id` it is paid once: a repeat returns the first entry. Raise OwnXP, DeltaOutOfRange,
    BalanceBelowZero, BalanceTooLarge, LearnerErased, or ReferenceReused when the reference paid another amount.
    """
    if actor is not None and actor.pk == learner_id:
        raise OwnXP
    with award_batch(learner_id, at=at) as batch:
        profile, rules = batch.profile, batch.rules
        before = player_level_at(profile.total_xp, rules)
        if reference_id and (earlier := paid_adjustment(learner_id, reference_id)):
            entry = _same_amount(earlier, amount)
            return Adjusted(entry, [entry], profile, before, before, Earned(), is_new=False)
        new_entry = NewEntry(
            delta=amount,
            reason=LedgerEntry.Reason.MANUAL_ADJUSTMENT,
            reference_type="adjustment",
            reference_id=reference_id or str(uuid.uuid4()),
            effective_at=at,
            trust=Trust.VERIFIED,
            note=note_with_reason(reason, note),
            actor_id=actor and actor.pk,
            metadata=metadata or {},
        )
        earned, entries = _credit(batch, new_entry)
    return Adjusted(entries[0], entries, profile, before, player_level_at(profile.total_xp, rules), earned)


@transaction.atomic
def reverse(entry: LedgerEntry, *, actor, note: str, at: datetime, reason: str = "") -> LedgerEntry:
    """Reverse a ledger entry by its opposite; reversing an achievement's entry revokes the achievement too.

    Raise OwnXP, NotReversible, BalanceBelowZero, BalanceTooLarge or LearnerErased.
    """
    with award_batch(entry.learner_id, at=at) as batch:
        if refusal := reversal_refusal(entry, actor):
            raise refusal
        new_entry = reversal_of(entry, actor_id=actor.pk, note=note_with_reason(reason, note))
        if entry.reference_type == LedgerEntry.ACHIEVEMENT_REFERENCE:
            unlocking.revoke(batch.profile, entry.reference_id, at=at)
        _, entries = _credit(batch, new_entry)
    return entries[0]


def reversal_of(entry: LedgerEntry, *, actor_id: int | None, note: str) -> NewEntry:
    return NewEntry(
        delta=-entry.delta,
        reason=LedgerEntry.Reason.REVERSAL,
        reference_type=entry.reference_type,
        reference_id=entry.reference_id,
        effective_at=entry.effective_at,
        trust=entry.trust,
        subject=entry.subject,
        note=note,
        actor_id=actor_id,
        reversal_of_id=entry.pk,
    )


def reversal_refusal(entry: LedgerEntry, actor) -> APIException | None:
    """Why `actor` may not reverse `entry`, regardless of the balance; None if they may."""
    if actor.pk == entry.learner_id:
        return OwnXP()
    if entry.reversal_of_id:
        return NotReversible(_("A reversal cannot be reversed."))
    if entry.reason == LedgerEntry.Reason.CARRIED_FORWARD:
        return NotReversible(_("This entry replaces an archived part of the history; it cannot be reversed."))
    if LedgerEntry.objects.filter(reversal_of=entry).exists():
        return NotReversible(_("This entry has been reversed already."))
    return None


def _credit(batch: AwardBatch, new_entry: NewEntry) -> tuple[Earned, list[LedgerEntry]]:
    """Credit an entry that staff wrote, and what its XP unlocks. Taking XP away unlocks nothing."""
    if new_entry.delta < 0:
        return Earned(), batch.credit([new_entry], Earned(), earned_at=batch.at, trust=new_entry.trust)
    before = batch.values()
    return batch.credit_with_unlocks([new_entry], before=before, earned_at=batch.at, trust=new_entry.trust)


def note_with_reason(reason: str, note: str) -> str:
    """The first line of a note is the reason, which the learner may read; the rest is for colleagues."""
    return f"{reason}\n{note}" if note else reason


def paid_adjustment(learner_id: int, reference_id: str) -> LedgerEntry | None:
    """The entry that this reference has paid, even if it was reversed since."""
    return LedgerEntry.objects.filter(
        learner_id=learner_id, reference_type="adjustment", reference_id=reference_id, reversal_of=None
    ).first()


def _same_amount(earlier: LedgerEntry, amount: int) -> LedgerEntry:
    if earlier.delta != amount:
        raise ReferenceReused
    return earlier
