"""Simultaneous requests and decisions in real threads. Only the run on PostgreSQL proves it."""

from functools import partial

import pytest
from django.utils import timezone
from rest_framework.exceptions import APIException

from approvals.models import ApprovalRequest
from approvals.services import approve, decline
from gamification.models import LearnerProfile, LedgerEntry
from gamification.staff.approvals import adjust_or_request, reverse_or_request
from levels.approvals import save_or_request
from levels.models import Level
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.threads import at_once

from .kinds import ask

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
NOW = timezone.now()


def outcomes(calls):
    def attempt(call):
        try:
            return call()
        except APIException as refusal:
            return type(refusal).__name__

    return at_once([partial(attempt, call) for call in calls])


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def test_parts_that_one_person_gives_side_by_side_are_summed():
    learner, actor = UserFactory(), StaffFactory()

    def give(number):
        adjust_or_request(
            learner_id=learner.pk, amount=300, reason="Gift", reference_id=str(number), actor=actor, at=NOW
        )

    outcomes([partial(give, number) for number in range(THREADS)])
    assert (total_of(learner), ApprovalRequest.objects.waiting().count()) == (900, THREADS - 3)


def test_reversals_side_by_side_are_summed_with_adjustments():
    learner, actor = UserFactory(), StaffFactory()
    lines = [adjust(learner_id=learner.pk, amount=300, reason="Gift", actor=StaffFactory(), at=NOW) for _ in range(4)]
    calls = [partial(reverse_or_request, line, actor=actor, reason="Oops", note="", at=NOW) for line in lines]
    outcomes(calls)
    assert (total_of(learner), ApprovalRequest.objects.waiting().count()) == (300, 1)


def test_one_award_that_is_sent_many_times_at_once_makes_one_request():
    learner, actor = UserFactory(), StaffFactory()
    award = {"learner_id": learner.pk, "amount": 5_000, "reason": "Gift", "actor": actor, "at": NOW}
    keys = outcomes([lambda: adjust_or_request(**award).pk] * THREADS)
    assert set(keys) == {ApprovalRequest.objects.get().pk}


def test_one_request_that_is_made_many_times_at_once_is_made_once():
    actor = StaffFactory()
    keys = outcomes([lambda: ask(actor, NOW).pk] * THREADS)
    assert set(keys) == {ApprovalRequest.objects.get().pk}


def test_of_two_approvals_and_a_refusal_at_once_one_takes_effect():
    level, people = LevelFactory(xp_reward=10), StaffFactory.create_batch(THREADS)
    request = save_or_request(level=level, fields={"xp_reward": 5_000}, actor=StaffFactory(), at=NOW)
    decisions = [approve, decline] * (THREADS // 2)
    results = outcomes(
        [
            lambda decide=decide, person=person: decide(request.pk, actor=person, at=NOW).status
            for decide, person in zip(decisions, people, strict=True)
        ]
    )
    assert results.count("AlreadyDecided") == THREADS - 1
    request.refresh_from_db()
    assert Level.objects.get().xp_reward == (5_000 if request.status == "approved" else 10)


def test_an_approval_of_an_edit_and_the_same_edit_asked_again_do_not_wait_for_each_other():
    level, asker, boss = LevelFactory(xp_reward=10), StaffFactory(), StaffFactory()
    edit = {"fields": {"xp_reward": 5_000}, "actor": asker, "at": NOW}
    request = save_or_request(level=Level.objects.get(pk=level.pk), **edit)
    calls = [lambda: save_or_request(level=Level.objects.get(pk=level.pk), **edit)] * (THREADS - 1)
    outcomes([*calls, lambda: approve(request.pk, actor=boss, at=NOW).status])
    request.refresh_from_db()
    assert (request.status, Level.objects.get().xp_reward) == ("approved", 5_000)


def test_a_reversal_approved_by_many_at_once_is_written_once():
    learner = UserFactory()
    line = adjust(learner_id=learner.pk, amount=5_000, reason="Gift", actor=StaffFactory(), at=NOW)
    request = reverse_or_request(line, actor=StaffFactory(), reason="Oops", note="", at=NOW)
    people = StaffFactory.create_batch(THREADS)
    results = outcomes([lambda person=person: approve(request.pk, actor=person, at=NOW).status for person in people])
    assert sorted(results) == ["AlreadyDecided"] * (THREADS - 1) + ["approved"]
    assert (total_of(learner), LedgerEntry.objects.filter(reversal_of=line).count()) == (0, 1)
