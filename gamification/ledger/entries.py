"""The only code that changes XP: it writes ledger entries together with the learner's running totals."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gamification.errors import BalanceBelowZero, BalanceTooLarge, DeltaOutOfRange
from gamification.models import MAX_DELTA, MAX_TOTAL_XP, LearnerProfile, LedgerEntry, Trust
from gamification.profiles.totals import save_totals
from hotsql.rows import new_row
from hotsql.writes import insert_rows


@dataclass(frozen=True)
class NewEntry:
    """A ledger entry to be written. `reference_type` and `reference_id` name what is paid; it is paid once."""

    delta: int
    reason: LedgerEntry.Reason
    reference_type: str
    reference_id: str
    effective_at: datetime
    trust: Trust
    subject: str = ""
    note: str = ""
    actor_id: int | None = None
    reversal_of_id: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


def append_entries(profile: LearnerProfile, new_entries: list[NewEntry], at: datetime) -> list[LedgerEntry]:
    """Continue the learner's chain in memory: sequence, balance and the totals of `profile`.

    `write_entries` writes the result. Raise DeltaOutOfRange, BalanceBelowZero or BalanceTooLarge.
    """
    return [_append(profile, new_entry, at) for new_entry in new_entries]


def write_entries(profiles: list[LearnerProfile], entries: list[LedgerEntry], *, at: datetime) -> None:
    """Write the new entries of these learners, each learner's in their order."""
    insert_rows(entries)
    save_totals(profiles, LearnerProfile.RUNNING_TOTALS, at=at)


def credit_many(new_entries: list[tuple[LearnerProfile, list[NewEntry]]], *, at: datetime) -> list[LedgerEntry]:
    """`credit` for many locked learners at once; of their running totals it saves those that an unlock moves."""
    entries = [_append(profile, new_entry, at) for profile, own in new_entries for new_entry in own]
    insert_rows(entries)
    save_totals([profile for profile, _ in new_entries], LearnerProfile.TOTALS_OF_UNLOCKS, at=at)
    return entries


def _append(profile: LearnerProfile, new_entry: NewEntry, at: datetime) -> LedgerEntry:
    if not 1 <= abs(new_entry.delta) <= MAX_DELTA:
        raise DeltaOutOfRange
    profile.total_xp = _within_bounds(profile.total_xp + new_entry.delta)
    if new_entry.trust == Trust.VERIFIED:
        profile.verified_xp += new_entry.delta
    profile.last_sequence += 1
    return new_row(
        LedgerEntry,
        learner_id=profile.pk,
        sequence=profile.last_sequence,
        balance_after=profile.total_xp,
        rule_set_id=profile.rule_version,
        created_at=at,
        **vars(new_entry),
    )


def _within_bounds(balance: int) -> int:
    if balance < 0:
        raise BalanceBelowZero
    if balance > MAX_TOTAL_XP:
        raise BalanceTooLarge
    return balance
