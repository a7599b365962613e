"""The entries that lead from what both accounts were paid to what one account would have been paid."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime

from gamification.awards.one_account import OneAccount, Reference
from gamification.ledger.entries import NewEntry
from gamification.models import MAX_DELTA, LearnerProfile, LedgerEntry, Trust

from .books import CORRECTS, DERIVED, Books
from .deeds import Deeds, copy_of

Key = tuple[Reference, str]  # with the trust


def new_entries(one: OneAccount, deeds: Deeds) -> list[NewEntry]:
    """For the account: what pays before what takes, so that the balance never falls below zero in between.

    Where one account would have less than nothing, the last of what takes is left out.
    """
    entries = [*map(copy_of, _carried(deeds)), *_differences(one, deeds)]
    pays = [entry for entry in entries if entry.delta > 0]
    takes = [entry for entry in entries if entry.delta < 0]
    balance = deeds.account.books.profile.total_xp + sum(entry.delta for entry in pays)
    return [*pays, *_within(balance, takes)]


def emptying_entries(guest: LearnerProfile, account: LearnerProfile, at: datetime) -> list[NewEntry]:
    """For the guest: one entry for verified XP and one for other XP, in parts where they are too large."""
    verified = guest.verified_xp
    amounts = [(Trust.VERIFIED, -verified), (Trust.REPORTED, verified - guest.total_xp)]
    entries = []
    for trust, amount in sorted(amounts, key=lambda each: -each[1]):
        for part in _parts(amount):
            entries.append(_emptying_entry(account, trust, part, len(entries) + 1, at))
    return entries


def _emptying_entry(account: LearnerProfile, trust: Trust, delta: int, number: int, at: datetime) -> NewEntry:
    return NewEntry(
        delta=delta,
        reason=LedgerEntry.Reason.RECALCULATION,
        reference_type="merge",
        reference_id=f"{account.pk}/{number}",
        effective_at=at,
        trust=trust,
    )


def _parts(amount: int) -> Iterator[int]:
    while amount:
        part = max(-MAX_DELTA, min(MAX_DELTA, amount))
        yield part
        amount -= part


def _carried(deeds: Deeds) -> list[LedgerEntry]:
    """Without what was reversed, which is nothing."""
    return [line for line in deeds.carried_lines() if line.pk not in deeds.guest.books.reversed_at]


def _differences(one: OneAccount, deeds: Deeds) -> Iterator[NewEntry]:
    books, guest = deeds.account.books, deeds.guest.books.profile
    due, had = _net(one), _comparable(books, one, deeds)
    descriptions = {reference: copy_of(line) for reference, line in books.originals.items()}
    descriptions |= {(entry.reference_type, entry.reference_id): entry for entry in reversed(one.entries)}
    paid, number = set(books.originals), 0
    for reference, trust in dict.fromkeys([*due, *had]):
        delta = due.get((reference, trust), 0) - had.get((reference, trust), 0)
        if not delta:
            continue
        entry = replace(descriptions[reference], delta=delta, trust=Trust(trust))
        if reference in paid or delta < 0:
            number += 1
            entry = _correction(entry, f"merge/{guest.pk}/{number}")
        paid.add(reference)
        yield entry


def _net(one: OneAccount) -> dict[Key, int]:
    """What one account would have been paid under each derived reference, in order."""
    net: dict[Key, int] = {}
    for entry in one.entries:
        if entry.reference_type in DERIVED:
            key = (entry.reference_type, entry.reference_id), entry.trust
            net[key] = net.get(key, 0) + entry.delta
    return net


def _comparable(books: Books, one: OneAccount, deeds: Deeds) -> dict[Key, int]:
    """What the account was paid for what one account did too; the rest is left as it is."""
    achievements = {achievement.achievement_id for achievement in one.unlocks}
    dates = {local.isoformat() for local in _dates_of_results(deeds)}
    known = {"achievement": achievements, "streak_bonus": dates}
    return {
        (reference, trust): delta
        for (reference, trust), delta in books.net.items()
        if reference[0] not in known or reference[1] in known[reference[0]]
    }


def _dates_of_results(deeds: Deeds) -> Iterable[date]:
    side = deeds.account
    for result in side.brought.results:
        yield side.local_date(result.award.occurred_at)
    for other in side.brought.dropped:
        yield side.local_date(other.effective_at)
    for day, _ in deeds.days_of_practice(side):
        yield day


def _correction(entry: NewEntry, reference_id: str) -> NewEntry:
    """Of what was paid already. It has the type and the subject of what it corrects, which daily caps and repeat
    policies sum over."""
    return replace(
        entry,
        reason=LedgerEntry.Reason.RECALCULATION,
        reference_id=reference_id,
        note="",
        actor_id=None,
        metadata={CORRECTS: entry.reference_id},
    )


def _within(balance: int, takes: list[NewEntry]) -> list[NewEntry]:
    possible = []
    for entry in takes:
        delta = max(entry.delta, -balance)
        if delta:
            possible.append(replace(entry, delta=delta))
        balance += delta
    return possible
