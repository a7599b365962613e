"""Merge a guest into an account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from gamification.awards import lock_profiles, metrics_now
from gamification.errors import LearnerErased
from gamification.models import LearnerProfile
from gamification.staff import Judged, MergedEvent, lock_requests, merge_books
from hotsql.writes import update_rows
from tracking.errors import HistoryTooLong, MergeInterrupted
from tracking.maintenance.rebuilding import rebuild_profile
from tracking.models import Completion, MetricEvent, Review
from tracking.recording.limits import HELD_WORDS

from .moving import (
    keys_of,
    later_copies,
    move_check_ins,
    move_reviews,
    move_rows,
    move_sessions,
    put_aside,
)
from .results import Pile, completions_of, events_of, merged_event, sort_out
from .reviews import awards_of, reviews_of, store_reviews

AT_MOST = 10_000  # completions, events of metrics and reviews of both; more would keep the account locked for too long


@dataclass(frozen=True)
class Moved:
    """What was moved of one model before the profiles were locked."""

    guest_keys: set[int]
    copies: list[tuple[Any, Any]]  # each with the earlier row that it repeats

    @property
    def copied_keys(self) -> set[int]:
        return {copy.pk for copy, _ in self.copies}


def merge_learners(*, guest_id: int, account_id: int, at: datetime, at_most: int | None = AT_MOST) -> None:
    """Move what the guest did to the account, under its ids, and make the account's totals those of one account.

    Call it in a transaction that holds the rows of both users; the guest, who is left without anything, is to be
    erased in it. Raise LearnerErased; HistoryTooLong where both have more than `at_most` results; or MergeInterrupted,
    after which the transaction is to be begun again: something of the guest came in between.
    """
    _refuse_long_histories([guest_id, account_id], at_most)
    # In the order of locks of recording: sessions, requests, event ids, and profiles at last.
    move_sessions(guest_id, account_id)
    lock_requests(guest_id)
    completions, events = (_move(model, guest_id, account_id) for model in (Completion, MetricEvent))
    move_check_ins(guest_id, account_id)
    guests_reviews = move_reviews(guest_id, account_id)
    guest, account = _lock(guest_id, account_id)
    for model, moved in [(Completion, completions), (MetricEvent, events)]:
        if set(keys_of(model, guest_id)) - moved.copied_keys:
            raise MergeInterrupted
    _merge(guest, account, completions, events, guests_reviews, at)
    for learner_id in sorted([guest_id, account_id]):
        rebuild_profile(learner_id, at=at)


def _merge(
    guest: LearnerProfile,
    account: LearnerProfile,
    completions: Moved,
    events: Moved,
    guests_reviews: set[int],
    at: datetime,
) -> None:
    of_account, of_guest = _sort_out(completions, guest.pk, account.pk)
    stored_events, reviews = events_of(account.pk), reviews_of(account.pk)
    sides = _sides_of(stored_events, events.guest_keys)
    awards = awards_of(reviews, guests_reviews)
    merged = merge_books(
        guest,
        account,
        of_guest=of_guest.brought(sides[True], awards[True]),
        of_account=of_account.brought(sides[False], awards[False]),
        at=at,
    )
    _store([*of_account.counted, *of_guest.counted], merged.judged)
    _store_events(stored_events, merged.counted)
    store_reviews(reviews, merged.reviewed)


def _sides_of(events: Iterable[MetricEvent], guest_keys: set[int]) -> dict[bool, list[MergedEvent]]:
    """True: those of the guest."""
    metrics = metrics_now()
    sides: dict[bool, list[MergedEvent]] = {True: [], False: []}
    for event in events:
        sides[event.pk in guest_keys].append(merged_event(event, metrics[event.metric_id]))
    return sides


def _refuse_long_histories(learner_ids: list[int], at_most: int | None) -> None:
    results = sum(model.objects.filter(learner__in=learner_ids).count() for model in (Completion, MetricEvent, Review))
    if at_most is not None and results > at_most:
        raise HistoryTooLong


def _move(model: Any, guest_id: int, account_id: int) -> Moved:
    moved = Moved(set(keys_of(model, guest_id)), later_copies(model, guest_id, account_id))
    put_aside([copy for copy, _ in moved.copies], learner_id=guest_id)
    try:
        move_rows(model, sorted(moved.guest_keys - moved.copied_keys), to=account_id)
    except IntegrityError as error:
        # The account has recorded one of these event ids meanwhile.
        raise MergeInterrupted from error
    return moved


def _lock(guest_id: int, account_id: int) -> tuple[LearnerProfile, LearnerProfile]:
    profiles = {profile.pk: profile for profile in lock_profiles([guest_id, account_id])}
    if len(profiles) < 2:
        raise LearnerErased
    return profiles[guest_id], profiles[account_id]


def _sort_out(moved: Moved, guest_id: int, account_id: int) -> tuple[Pile, Pile]:
    of_account, of_guest = sort_out(completions_of(account_id), moved.guest_keys)
    put_aside([copy for copy, _ in (*of_account.dropped, *of_guest.dropped)], learner_id=guest_id)
    for copy, earlier in moved.copies:
        pile = of_guest if copy.pk in moved.guest_keys else of_account
        pile.dropped.append((copy, earlier))
    return of_account, of_guest


def _store(completions: Iterable[Completion], judged: Mapping[str, Judged]) -> None:
    """What is held now, and what counts now of metrics that a daily limit cuts."""
    held, cut = [], []
    for completion in completions:
        outcome = judged.get(completion.payment, Judged(counted=completion.counted))
        if outcome.held_reason:
            completion.held_reason = outcome.held_reason
            held.append(completion)
        elif outcome.counted != completion.counted:
            cut.append(completion)
        completion.counted = outcome.counted
    update_rows(cut, ["counted"])
    _hold(held)


def _store_events(events: Iterable[MetricEvent], counted: Mapping[str, int]) -> None:
    changed = [event for event in events if event.counted != counted[str(event.pk)]]
    for event in changed:
        event.counted = counted[str(event.pk)]
    update_rows(changed, ["counted"])


def _hold(completions: Sequence[Completion]) -> None:
    """As one account they would have been held. What was paid is compensated, so a release pays under a new name."""
    stored = Completion.objects.only("answer").in_bulk([completion.pk for completion in completions])
    for completion in completions:
        completion.held = True
        completion.paid_before += 1
        words = HELD_WORDS[completion.held_reason]
        completion.answer = stored[completion.pk].answer | {"held": True, "held_reason": words}
    update_rows(completions, ["held", "held_reason", "counted", "paid_before", "answer"])
