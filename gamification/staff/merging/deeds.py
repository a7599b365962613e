"""What both accounts did and were given, put into the order in which the server learned of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import NamedTuple

from gamification.awards.one_account import Had, Judged, OneAccount, PlausibleTiming, Reference
from gamification.awards.rewards import Award, ReviewAward
from gamification.ledger.entries import NewEntry
from gamification.models import ActivityDay, Amnesty, DayKind, DayRepair, FreezeEvent, LedgerEntry, Unlock
from gamification.pricing.limits import NO_LIMITS, SECONDS_AN_HOUR, Limits, hours_covered

from .books import reference_of
from .brought import MergedEvent, MergedResult, Side, as_due, as_paid
from .versions import Versions

# Factors that depend on what else was done; they are computed anew.
DEPENDENT = {"already_paid", "daily_cap", "metric_limit"}
PREREQUISITE_HELD = "prerequisite_held"


class Deed(NamedTuple):
    """`order` and `occurred_at` decide between deeds of one moment."""

    at: datetime
    order: int
    occurred_at: datetime
    do: Callable[[OneAccount], None]


class Deeds:
    """`account` is the side that remains."""

    def __init__(self, account: Side, guest: Side) -> None:
        self.account, self.guest = account, guest
        self.versions = Versions()
        self.judged: dict[str, Judged] = {}
        self.counted: dict[str, int] = {}  # of events of metrics
        self.reviewed: dict[str, tuple[date, int]] = {}  # the dates of reviews, and what they pay
        self.passed: set[str] = set()
        self.closed: set[str] = set()  # subjects of which the only passed completions are held now
        self.shared_dates = self._dates_of(account) & self._dates_of(guest)

    def in_order(self) -> list[Deed]:
        deeds = [
            *self._results(),
            *self._events(),
            *self._reviews(),
            *self._check_ins(),
            *self._freezes(),
            *self._repairs(),
            *self._unlocks(),
            *self._other_lines(),
        ]
        deeds += [*self._amnesties(min((deed.at for deed in deeds), default=None)), *self._reversals()]
        return sorted(deeds, key=lambda deed: deed[:3])

    def carried_lines(self) -> list[LedgerEntry]:
        """Of the guest, what the account is given too: not what its owner gave, which nobody gives to themselves."""
        known, owner = self.account.books.originals, self.account.books.profile.pk
        lines = self.guest.books.other_lines()
        return [line for line in lines if reference_of(line) not in known and line.actor_id != owner]

    def _results(self) -> Iterator[Deed]:
        for side in (self.account, self.guest):
            for result in side.brought.results:
                yield Deed(result.at, 1, result.award.occurred_at, partial(self._complete, result))

    def _complete(self, result: MergedResult, one: OneAccount) -> None:
        """Limits are checked on dates on which both were active; on others nothing has changed."""
        award, version = result.award, self.versions.at(result.at)
        is_judged = bool(self._touched(award, version.limits) & self.shared_dates)
        if not is_judged:
            award = replace(award, timing=None, counts={**award.counts, **(result.counted or {})})
        if result.needs & self.closed and award.subject not in self.passed:
            award = replace(award, held_reason=PREREQUISITE_HELD)
        if award.timing:
            award = replace(award, timing=PlausibleTiming(**vars(award.timing)))
        dependent = DEPENDENT | {"repeat_limit"} if is_judged else DEPENDENT
        breakdown = [factor for factor in result.breakdown if factor.factor not in dependent]
        judged = one.complete(award, breakdown, version, at=result.at)
        self._note(award, judged)
        if not is_judged:
            judged = replace(judged, counted={**(result.counted or {}), **(judged.counted or {})} or None)
        self.judged[award.reference_id] = judged

    def _note(self, award: Award, judged: Judged) -> None:
        if not award.facts.passed:
            return
        if not judged.held_reason:
            self.passed.add(award.subject)
            self.closed.discard(award.subject)
        elif award.subject not in self.passed:
            self.closed.add(award.subject)

    def _dates_of(self, side: Side) -> set[date]:
        touched = (self._touched(result.award, self.versions.at(result.at).limits) for result in side.brought.results)
        return {*chain.from_iterable(touched), *map(self._date_of_event, side.brought.events)}

    def _touched(self, award: Award, limits: Limits) -> set[date]:
        """The dates of which a completion uses up limits: the local one, and those of the hours that it took."""
        timing = award.timing
        if timing is None or limits is NO_LIMITS:
            return set()
        seconds = timing.least_expected(limits) if timing.seconds is None else timing.studied
        hours = hours_covered(timing.ended_at, max(seconds, 1))
        by_clock = {datetime.fromtimestamp(hour * SECONDS_AN_HOUR, UTC).date() for hour in hours}
        return by_clock | {timing.ended_at.astimezone(UTC).date(), self.account.local_date(award.occurred_at)}

    def _events(self) -> Iterator[Deed]:
        for event in chain(self.account.brought.events, self.guest.brought.events):
            yield Deed(event.at, 1, event.award.occurred_at, partial(self._report, event))

    def _report(self, event: MergedEvent, one: OneAccount) -> None:
        is_judged = self._date_of_event(event) in self.shared_dates
        award = as_due(event) if is_judged else as_paid(event)
        self.counted[award.reference_id] = one.report(award, self.versions.at(event.at), at=event.at)

    def _date_of_event(self, event: MergedEvent) -> date:
        return self.account.local_date(event.award.occurred_at)

    def _reviews(self) -> Iterator[Deed]:
        for review in chain(self.account.brought.reviews, self.guest.brought.reviews):
            yield Deed(review.occurred_at, 1, review.occurred_at, partial(self._review, review))

    def _review(self, review: ReviewAward, one: OneAccount) -> None:
        at = review.occurred_at
        self.reviewed[review.reference_id] = one.review(review, self.versions.at(at), at=at)

    def days_of_practice(self, side: Side) -> Iterator[tuple[date, datetime]]:
        """The dates on which one of the two has reviewed enough questions, with each moment at which it had."""
        subjects: dict[date, set[str]] = defaultdict(set)
        for review in side.brought.reviews:
            at = review.occurred_at
            day = side.local_date(at)
            subjects[day].add(review.subject)
            if len(subjects[day]) >= self.versions.at(at).rules.reviews_for_a_day:
                yield day, at

    def _check_ins(self) -> Iterator[Deed]:
        """Active days that nothing else explains."""
        for side in (self.account, self.guest):
            completed = {(side.local_date(each.award.occurred_at), each.at) for each in side.brought.results}
            completed |= {(side.local_date(each.effective_at), each.at) for each in side.brought.dropped}
            completed |= {(side.local_date(each.award.occurred_at), each.at) for each in side.brought.events}
            completed |= set(self.days_of_practice(side))
            dates = {day for day, _ in completed}
            for row in side.books.days:
                if row.kind == DayKind.ACTIVE and (row.date, row.recorded_at) not in completed:
                    is_completed = row.completed and row.date not in dates  # by something that was brought along
                    do = partial(self._check_in, side, row, is_completed)
                    yield Deed(row.recorded_at, 2, row.recorded_at, do)

    def _check_in(self, side: Side, row: ActivityDay, is_completed: bool, one: OneAccount) -> None:
        """Its date is that of the account's time zone, unless the day was not recorded on that day."""
        was_today = side.local_date(row.recorded_at) == row.date
        day = self.account.local_date(row.recorded_at) if was_today else row.date
        one.check_in(day, self.versions.at(row.recorded_at), at=row.recorded_at, completed=is_completed)

    def _freezes(self) -> Iterator[Deed]:
        """Those that learners asked for; the others follow from the days."""
        for side in (self.account, self.guest):
            for event in side.books.freezes:
                asked_for = event.date == side.local_date(event.created_at)
                if event.kind == FreezeEvent.Kind.USED and asked_for:
                    yield Deed(event.created_at, 3, event.created_at, partial(self._protect, event.created_at))

    def _protect(self, at: datetime, one: OneAccount) -> None:
        one.protect_today(self.versions.at(at), at=at)

    def carried_repairs(self) -> list[DayRepair]:
        """Of the guest, those that the account is given too, as with `carried_lines`."""
        known, owner = {repair.date for repair in self.account.books.repairs}, self.account.books.profile.pk
        return [each for each in self.guest.books.repairs if each.date not in known and each.actor_id != owner]

    def _repairs(self) -> Iterator[Deed]:
        for repair in chain(self.account.books.repairs, self.carried_repairs()):
            yield Deed(repair.created_at, 3, repair.created_at, partial(self._repair, repair))

    def _repair(self, repair: DayRepair, one: OneAccount) -> None:
        one.repair(repair.date, self.versions.at(repair.created_at), at=repair.created_at)

    def _amnesties(self, first: datetime | None) -> Iterator[Deed]:
        """Those from before the first deed were applied with it."""
        if first is None:
            return
        for amnesty in Amnesty.objects.standing().order_by("number"):
            at = max(amnesty.created_at, first)
            yield Deed(at, 0, amnesty.created_at, partial(self._pardon, amnesty, at))

    def _pardon(self, amnesty: Amnesty, at: datetime, one: OneAccount) -> None:
        one.pardon(amnesty, self.versions.at(at), at=at)

    def _unlocks(self) -> Iterator[Deed]:
        sides = (self.account.books, self.guest.books)
        held = {unlock.achievement_id for books in sides for unlock in books.unlocks if unlock.revoked_at is None}
        for books in sides:
            for unlock in books.unlocks:
                had = Had(unlock.earned_at, books.trust_of(unlock))
                yield Deed(unlock.created_at, 4, unlock.earned_at, partial(self._unlock, unlock, had))
                if unlock.revoked_at and unlock.achievement_id not in held:
                    yield Deed(unlock.revoked_at, 7, unlock.revoked_at, partial(_take_back, unlock))

    def _unlock(self, unlock: Unlock, had: Had, one: OneAccount) -> None:
        one.unlock(unlock.achievement, had, self.versions.at(unlock.created_at), at=unlock.created_at)

    def _other_lines(self) -> Iterator[Deed]:
        for line in chain(self.account.books.other_lines(), self.carried_lines()):
            yield Deed(line.created_at, 5, line.effective_at, partial(self._credit, line))

    def _credit(self, line: LedgerEntry, one: OneAccount) -> None:
        one.credit(copy_of(line), self.versions.at(line.created_at), at=line.created_at)

    def _reversals(self) -> Iterator[Deed]:
        """A reference is reversed where each entry that was paid under it is."""
        lines = [*self.account.books.originals.items(), *self.guest.books.originals.items()]
        reversed_at = self.account.books.reversed_at | self.guest.books.reversed_at
        copies = {
            each.reference_id: each.copy_of for side in (self.account, self.guest) for each in side.brought.dropped
        }
        standing = {reference for reference, line in lines if line.pk not in reversed_at}
        latest: dict[Reference, datetime] = {}
        for reference, line in lines:
            if reference not in standing:
                latest[reference] = max(reversed_at[line.pk], latest.get(reference, reversed_at[line.pk]))
        for (kind, name), at in latest.items():
            yield Deed(at, 6, at, partial(_reverse, (kind, copies.get(name, name) if kind == "completion" else name)))


def copy_of(line: LedgerEntry) -> NewEntry:
    return NewEntry(
        delta=line.delta,
        reason=LedgerEntry.Reason(line.reason),
        reference_type=line.reference_type,
        reference_id=line.reference_id,
        effective_at=line.effective_at,
        trust=line.trust,
        subject=line.subject,
        note=line.note,
        actor_id=line.actor_id,
        metadata=line.metadata,
    )


def run(deeds: Iterable[Deed], one: OneAccount) -> None:
    for deed in deeds:
        deed.do(one)


def _reverse(reference: Reference, one: OneAccount) -> None:
    one.reverse(reference)


def _take_back(unlock: Unlock, one: OneAccount) -> None:
    one.take_back(unlock.achievement)
