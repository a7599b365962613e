"""Simultaneous actions of staff in real threads take effect once. Only the run on PostgreSQL proves it."""

from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.exceptions import APIException

from approvals.models import ApprovalRequest
from approvals.services import approve, decline
from gamification.awards import adjustments
from gamification.models import Achievement, LearnerProfile, LedgerEntry, XPRuleSet
from gamification.rule_sets.publishing import publish_rule_set
from gamification.staff.approvals import request_adjustment
from tests.factories import StaffFactory, UserFactory, adjust
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
NOW = timezone.now()


def outcomes_at_once(calls):
    """The results of simultaneous calls; for a refused one, the name of its error."""

    def refused_or_done(call):
        try:
            return call()
        except APIException as refusal:
            return type(refusal).__name__

    return at_once([partial(refused_or_done, call) for call in calls])


def ask(learner, actor, amount=1_500, reference_id="one"):
    options = {"reason": "Moved here", "note": "See the letter.", "reference_id": reference_id}
    return request_adjustment(learner_id=learner.pk, amount=amount, actor=actor, at=NOW, **options)


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


@pytest.fixture
def learner():
    return UserFactory()


def test_a_request_that_many_approve_at_once_is_paid_once(learner):
    request = ask(learner, StaffFactory())
    people = StaffFactory.create_batch(THREADS)
    calls = [lambda person=person: approve(request.pk, actor=person, at=NOW).status for person in people]
    assert sorted(outcomes_at_once(calls)) == ["AlreadyDecided"] * (THREADS - 1) + ["approved"]
    assert (total_of(learner), LedgerEntry.objects.count()) == (1_500, 1)


def test_of_simultaneous_approvals_and_refusals_one_takes_effect(learner):
    people = StaffFactory.create_batch(THREADS)
    request = ask(learner, StaffFactory())
    decide = [approve, decline] * (THREADS // 2)
    results = outcomes_at_once(
        [
            lambda decide_one=decide_one, person=person: decide_one(request.pk, actor=person, at=NOW).status
            for decide_one, person in zip(decide, people, strict=True)
        ]
    )
    assert results.count("AlreadyDecided") == THREADS - 1
    request.refresh_from_db()
    assert request.status in results
    assert total_of(learner) == (1_500 if request.status == "approved" else 0)


def test_a_request_that_is_sent_many_times_at_once_is_made_once(learner):
    actor = StaffFactory()
    keys = outcomes_at_once([lambda: ask(learner, actor).pk] * THREADS)
    assert set(keys) == {ApprovalRequest.objects.get().pk}


def test_requests_of_one_learner_approved_at_once_never_go_below_zero(learner):
    requester = StaffFactory()
    adjust(learner_id=learner.pk, amount=4_000, reason="To begin with", actor=requester, at=NOW)
    requests = [ask(learner, requester, amount=-1_500, reference_id=str(n)) for n in range(THREADS)]
    approver = StaffFactory()
    results = outcomes_at_once(
        [lambda key=request.pk: approve(key, actor=approver, at=NOW).status for request in requests]
    )
    assert sorted(results) == ["BalanceBelowZero"] * (THREADS - 2) + ["approved"] * 2
    assert (total_of(learner), ApprovalRequest.objects.waiting().count()) == (1_000, THREADS - 2)


def test_an_award_with_a_reference_that_is_sent_many_times_at_once_is_paid_once(learner, sign_in):
    client, award = sign_in(StaffFactory()), {"user_id": learner.pk, "xp_amount": 150, "reason": "Won the fair"}
    answers = outcomes_at_once(
        [lambda: client.post("/api/v1/gamification/xp/award", {**award, "reference_id": "fair"}).json()] * THREADS
    )
    assert sorted(answer["is_new_award"] for answer in answers) == [False] * (THREADS - 1) + [True]
    assert {answer["total_xp"] for answer in answers} == {150}


def test_an_achievements_entry_reversed_by_many_at_once_takes_it_back_once(learner, client):
    Achievement.objects.create(
        achievement_id="one", name="One", category="xp", xp_reward=50, condition={"type": "xp", "threshold": 1}
    )
    actor = StaffFactory()
    adjust(learner_id=learner.pk, amount=10, reason="A gift", actor=actor, at=NOW)
    entry = LedgerEntry.objects.get(reason="achievement")
    results = outcomes_at_once([lambda: adjustments.reverse(entry, actor=actor, note="", at=NOW).delta] * THREADS)
    assert sorted(results, key=str) == [-50] + ["NotReversible"] * (THREADS - 1)
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.total_xp, profile.achievements_unlocked) == (10, 0)


def test_the_button_pressed_by_many_at_once_reverses_once(learner, client):
    entry = adjust(learner_id=learner.pk, amount=10, reason="A gift", actor=StaffFactory(), at=NOW)
    client.force_login(StaffFactory())
    url = reverse("admin:gamification_ledgerentry_reverse", args=[entry.pk])
    answers = outcomes_at_once(
        [lambda: client.post(url, {"reason": "Oops", "note": "Typed twice"}).status_code] * THREADS
    )
    assert answers == [302] * THREADS
    assert total_of(learner) == 0


def test_drafts_published_at_once_leave_one_in_force():
    drafts = [XPRuleSet.objects.create(version=n) for n in range(2, 2 + THREADS)]
    outcomes_at_once([lambda draft=draft: publish_rule_set(draft, at=NOW) for draft in drafts])
    assert XPRuleSet.objects.published().count() == 1
    outcomes_at_once([lambda: publish_rule_set(XPRuleSet.objects.create(version=99), at=NOW)])
    assert XPRuleSet.objects.published().get().version == 99
