"""Reversing many ledger entries of one learner."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned
from gamification.ledger.entries import NewEntry
from gamification.models import MAX_TOTAL_XP, LedgerEntry, Trust

from .adjustments import reversal_of
from .batch import award_batch


@dataclass(frozen=True)
class Reversed:
    """`entries` were written. `gone` entries were reversed before; `kept` ones would take the balance below zero."""

    entries: list[LedgerEntry]
    gone: int
    kept: int


class HasDelta(Protocol):
    delta: int


Line = TypeVar("Line", bound=HasDelta)


def within_balance(lines: Iterable[Line], total_xp: int) -> list[Line]:
    """Those of `lines` that can be reversed one after the other with the total staying in its bounds."""
    possible = []
    for line in lines:
        if 0 <= total_xp - line.delta <= MAX_TOTAL_XP:
            possible.append(line)
            total_xp -= line.delta
    return possible


def reverse_many(learner_id: int, sequences: Sequence[int], *, actor_id: int, note: str, at: datetime) -> Reversed:
    """Reverse the entries with these sequence numbers, in this order, in the caller's transaction.

    Unlike a single reversal it unlocks nothing, since XP that it gives back may be taken by the next entry. Raise
    LearnerErased.
    """
    with award_batch(learner_id, at=at) as batch:
        rows = LedgerEntry.objects.filter(learner=learner_id, sequence__in=sequences, reversed_by=None)
        by_sequence = {entry.sequence: entry for entry in rows}
        found = [by_sequence[sequence] for sequence in sequences if sequence in by_sequence]
        possible = within_balance(found, batch.profile.total_xp)
        for entry in possible:
            if entry.reference_type == LedgerEntry.ACHIEVEMENT_REFERENCE:
                unlocking.revoke(batch.profile, entry.reference_id, at=at)
        new: list[NewEntry] = [reversal_of(entry, actor_id=actor_id, note=note) for entry in possible]
        written = batch.credit(new, Earned(), earned_at=at, trust=Trust.VERIFIED) if new else []
    return Reversed(written, gone=len(sequences) - len(found), kept=len(found) - len(possible))
