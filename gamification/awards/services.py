"""The doors of gamification beside `rewards.Book`: standings, check-ins, freezes, what staff do by hand."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from rest_framework.exceptions import APIException

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned, values_of
from gamification.errors import LearnerErased, NotReversible, OwnXP, ReferenceReused
from gamification.ledger.entries import Line, credit
from gamification.models import LearnerProfile, LedgerEntry
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.rule_sets.publishing import published_rules
from gamification.streaks.local_dates import date_deed
from gamification.streaks.recording import freeze_today, record_activity
from gamification.streaks.runs import Action
from hotsql.querysets import Prepared
from hotsql.writes import send

from .batch import Book, rules_of, settle


@dataclass(frozen=True)
class Checked:
    """What a check-in did: `action` on the streak, and what it unlocked."""

    profile: LearnerProfile
    action: Action
    earned: Earned
    entries: list[LedgerEntry]


@dataclass(frozen=True)
class Evaluated:
    """What a look at all conditions has unlocked and paid."""

    profile: LearnerProfile
    earned: Earned
    entries: list[LedgerEntry]
    before: PlayerLevel
    after: PlayerLevel

    @property
    def total_awarded_xp(self) -> int:
        return sum(entry.delta for entry in self.entries)

    @property
    def level_up(self) -> bool:
        return self.after.level > self.before.level


@dataclass(frozen=True)
class Adjusted:
    """What an adjustment did. `entry` is its own line; the others are achievements that it unlocked.

    `is_new` is False where its reference had paid before: then nothing has moved, and `before` is `after`.
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


def profile_of(user) -> LearnerProfile:
    return LearnerProfile.objects.of(user.pk)


def player_level(total_xp: int) -> PlayerLevel:
    return player_level_at(total_xp, published_rules())


_lock = Prepared(lambda learner_id: LearnerProfile.objects.locked_with_rules().filter(pk=learner_id))


def lock_profile(learner_id: int) -> LearnerProfile:
    """The learner's profile, locked until the transaction ends; made first for people who never had one (staff).

    Raise LearnerErased: whoever waited here while the learner was erased must not write for them any more.
    """
    locked = _lock(learner_id)
    if not locked:
        LearnerProfile.objects.of(learner_id)
        locked = _lock(learner_id)
    if locked[0].erased_at:
        raise LearnerErased
    return locked[0]


@transaction.atomic
def check_in(learner_id: int, *, at: datetime) -> Checked:
    """The learner was here today: keeps the streak, may unlock what a streak unlocks, pays no bonus."""
    book = _open_book(learner_id, at)
    before = values_of(book.profile, book.rules, at)
    recorded = record_activity(book.days, date_deed(book.profile, at).date(), completed=False)
    earned, entries = book.settle([], before=before, earned_at=at)
    send(book.writes())
    return Checked(book.profile, recorded.action, earned, entries)


@transaction.atomic
def protect_today(learner_id: int, *, at: datetime) -> LearnerProfile:
    """Use a freeze for today in advance; once a day, however often it is asked. Raise NoFreezesLeft."""
    book = _open_book(learner_id, at)
    before = values_of(book.profile, book.rules, at)
    freeze_today(book.days, date_deed(book.profile, at).date())
    book.settle([], before=before, earned_at=at)
    send(book.writes())
    return book.profile


@transaction.atomic
def check_achievements(learner_id: int, *, at: datetime) -> Evaluated:
    """Judge everything published that the learner never had, and pay what holds."""
    book = _open_book(learner_id, at)
    profile, rules = book.profile, book.rules
    before = player_level_at(profile.total_xp, rules)
    earned = unlocking.earn_all(profile, rules, at=at)
    if not earned:
        return Evaluated(profile, earned, [], before, before)
    entries = book.credit([], earned, earned_at=at)
    send(book.writes())
    return Evaluated(profile, earned, entries, before, player_level_at(profile.total_xp, rules))


def adjust(**adjustment) -> LedgerEntry:
    """`adjust_xp`, for those who only ask for the line."""
    return adjust_xp(**adjustment).entry


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
    """Give or take XP by hand; the caller has checked the permission `award_xp`.

    With a `reference_id` it is done once: a repeat returns the first line. Raise OwnXP, DeltaOutOfRange,
    BalanceBelowZero, BalanceTooLarge, or ReferenceReused when the reference stands for another amount.
    """
    if actor.pk == learner_id:
        raise OwnXP
    profile = lock_profile(learner_id)
    rules = rules_of(profile)
    before = player_level_at(profile.total_xp, rules)
    if reference_id and (earlier := _adjustment(learner_id, reference_id)):
        line = _same_amount(earlier, amount)
        return Adjusted(line, [line], profile, before, before, Earned(), is_new=False)
    line = Line(
        delta=amount,
        reason=LedgerEntry.Reason.MANUAL_ADJUSTMENT,
        reference_type="adjustment",
        reference_id=reference_id or str(uuid.uuid4()),
        effective_at=at,
        note=_note(reason, note),
        actor_id=actor.pk,
        metadata=metadata or {},
    )
    earned, entries = _move(profile, line, at)
    return Adjusted(entries[0], entries, profile, before, player_level_at(profile.total_xp, rules), earned)


@transaction.atomic
def reverse(entry: LedgerEntry, *, actor, note: str, at: datetime, reason: str = "") -> LedgerEntry:
    """Take a line back by its opposite, and with an achievement's line the achievement.

    Raise OwnXP, NotReversible, BalanceBelowZero or BalanceTooLarge.
    """
    profile = lock_profile(entry.learner_id)
    if refusal := refuse_reversal(entry, actor):
        raise refusal
    line = Line(
        delta=-entry.delta,
        reason=LedgerEntry.Reason.REVERSAL,
        reference_type=entry.reference_type,
        reference_id=entry.reference_id,
        effective_at=entry.effective_at,
        subject=entry.subject,
        note=_note(reason, note),
        actor_id=actor.pk,
        reversal_of=entry,
    )
    if entry.reference_type == LedgerEntry.ACHIEVEMENT_REFERENCE:
        unlocking.revoke(profile, entry.reference_id, at=at)
    _, entries = _move(profile, line, at)
    return entries[0]


def refuse_reversal(entry: LedgerEntry, actor) -> APIException | None:
    """Why this person may not reverse this line, whatever the balance."""
    if actor.pk == entry.learner_id:
        return OwnXP()
    if entry.reversal_of_id:
        return NotReversible("A reversal cannot be reversed.")
    if entry.reason == LedgerEntry.Reason.CARRIED_FORWARD:
        return NotReversible("This line stands for an archived part of the history; it cannot be reversed.")
    if LedgerEntry.objects.filter(reversal_of=entry).exists():
        return NotReversible("This line has been reversed already.")
    return None


def _open_book(learner_id: int, at: datetime) -> Book:
    profile = lock_profile(learner_id)
    return Book(profile, rules_of(profile), at=at)


def _move(profile: LearnerProfile, line: Line, at: datetime) -> tuple[Earned, list[LedgerEntry]]:
    """Credit one line that staff wrote, and what its XP unlocks. Less XP unlocks nothing, and may not be enough."""
    if line.delta < 0:
        return Earned(), credit(profile, [line], at=at)
    rules = rules_of(profile)
    return settle(profile, [line], before=values_of(profile, rules, at), rules=rules, earned_at=at, at=at)


def _note(reason: str, note: str) -> str:
    """The first line is the reason, which the learner may read; the rest is for colleagues."""
    return f"{reason}\n{note}" if note else reason


def _adjustment(learner_id: int, reference_id: str) -> LedgerEntry | None:
    return LedgerEntry.objects.filter(
        learner_id=learner_id, reference_type="adjustment", reference_id=reference_id, reversal_of=None
    ).first()


def _same_amount(earlier: LedgerEntry, amount: int) -> LedgerEntry:
    if earlier.delta != amount:
        raise ReferenceReused
    return earlier
