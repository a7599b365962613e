"""The one place that moves XP: ledger lines and the running total, together."""

from dataclasses import dataclass, field
from datetime import datetime

from gamification.errors import BalanceBelowZero, BalanceTooLarge, DeltaOutOfRange
from gamification.leaderboards.projection import saving_totals
from gamification.models import MAX_DELTA, MAX_TOTAL_XP, LearnerProfile, LedgerEntry
from hotsql.writes import Write, inserting, send


@dataclass(frozen=True)
class Line:
    """A line to be written. `reference_type` and `reference_id` name the deed, which is paid once."""

    delta: int
    reason: LedgerEntry.Reason
    reference_type: str
    reference_id: str
    effective_at: datetime
    subject: str = ""
    note: str = ""
    actor_id: int | None = None
    reversal_of: LedgerEntry | None = None
    metadata: dict = field(default_factory=dict)


def credit(profile: LearnerProfile, lines: list[Line], *, at: datetime) -> list[LedgerEntry]:
    """Write `lines` in this order and save the totals of `profile`, which the caller has locked (`lock_profile`).

    Raise DeltaOutOfRange, BalanceBelowZero or BalanceTooLarge, IntegrityError where a deed was paid before.
    """
    entries = next_entries(profile, lines, at)
    send(writes_of(profile, entries, at=at))
    return entries


def next_entries(profile: LearnerProfile, lines: list[Line], at: datetime) -> list[LedgerEntry]:
    """`lines` as the next ones of `profile`, whose totals follow in memory; to be written with `writes_of`."""
    return [_next_entry(profile, line, at) for line in lines]


def writes_of(profile: LearnerProfile, entries: list[LedgerEntry], *, at: datetime) -> list[Write]:
    return [*inserting(entries), *saving_totals([profile], LearnerProfile.RUNNING_TOTALS, at=at)]


def credit_many(lines: list[tuple[LearnerProfile, list[Line]]], *, at: datetime) -> list[LedgerEntry]:
    """`credit` for many locked learners at once; of their running totals it saves those that unlocks move."""
    entries = [_next_entry(profile, line, at) for profile, own in lines for line in own]
    profiles = [profile for profile, _ in lines]
    send([*inserting(entries), *saving_totals(profiles, LearnerProfile.TOTALS_OF_UNLOCKS, at=at)])
    return entries


def _next_entry(profile: LearnerProfile, line: Line, at: datetime) -> LedgerEntry:
    if not 1 <= abs(line.delta) <= MAX_DELTA:
        raise DeltaOutOfRange
    profile.total_xp = _within_bounds(profile.total_xp + line.delta)
    profile.last_sequence += 1
    return LedgerEntry(
        learner_id=profile.pk,
        sequence=profile.last_sequence,
        balance_after=profile.total_xp,
        rule_set_id=profile.rule_version,
        created_at=at,
        **vars(line),
    )


def _within_bounds(balance: int) -> int:
    if balance < 0:
        raise BalanceBelowZero
    if balance > MAX_TOTAL_XP:
        raise BalanceTooLarge
    return balance
