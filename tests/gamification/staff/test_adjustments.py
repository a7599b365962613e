"""Adjusting more XP than the limit takes two people: one requests it, another one approves it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.errors import AlreadyDecided, OwnRequest, OwnXP
from approvals.models import ApprovalRequest
from approvals.services import approve, decline
from gamification.errors import BalanceBelowZero, ReferenceReused
from gamification.models import LearnerProfile, LedgerEntry
from gamification.staff.approvals import request_adjustment
from tests.factories import StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
BELOW_ZERO = "This would take the learner&#x27;s XP below zero."
REFUSED = f"This would be refused: {BELOW_ZERO}"
CODENAMES = ["award_xp", "view_learnerprofile", "view_approvalrequest"]


def make_steward():
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=CODENAMES))
    return user


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def requester(db):
    return make_steward()


@pytest.fixture
def approver(db):
    return make_steward()


def ask(learner, actor, amount=1_001, reference_id="one"):
    options = {"reason": "Moved from another school", "note": "See the letter.", "reference_id": reference_id}
    return request_adjustment(learner_id=learner.pk, amount=amount, actor=actor, at=NOW, **options)


def post_adjustment(client, learner, amount, reference_id="one", button="_apply"):
    url = reverse("admin:gamification_learnerprofile_adjust", args=[learner.pk])
    form = {"amount": amount, "reason": "Moved here", "note": "See the letter.", "reference_id": reference_id}
    return client.post(url, {**form, button: str(amount)}, follow=True)


def decide_url(adjustment):
    return reverse("admin:approvals_approvalrequest_decide", args=[adjustment.pk])


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def texts_of_the_log():
    return [(log.user, log.get_change_message()) for log in LogEntry.objects.order_by("pk")]


@pytest.mark.parametrize("amount", [1_000, 1])
def test_up_to_the_limit_one_person_is_enough(requester, learner, amount):
    post_adjustment(browser_of(requester), learner, amount)
    assert (total_of(learner), ApprovalRequest.objects.count()) == (amount, 0)


@pytest.mark.parametrize("amount", [1_001, 10_000, -1_001])
def test_above_the_limit_an_adjustment_is_only_requested(requester, learner, amount):
    adjust(learner_id=learner.pk, amount=5_000, reason="To take from", actor=StaffFactory(), at=NOW)
    page = post_adjustment(browser_of(requester), learner, amount)
    adjustment = ApprovalRequest.objects.get()
    assert (adjustment.learner, adjustment.xp, adjustment.status, adjustment.requested_by, adjustment.result) == (
        learner,
        amount,
        "waiting",
        requester,
        {},
    )
    assert total_of(learner) == 5_000
    message = f"Requested {amount:+d} XP (request {adjustment.pk}). A colleague has to approve it."
    assert message in page.content.decode()
    assert texts_of_the_log() == [(requester, f"{message} Reason: Moved here Note: See the letter.")]


def test_the_limit_is_a_setting(requester, learner, settings):
    settings.XP_APPROVAL_ABOVE = 10
    post_adjustment(browser_of(requester), learner, 11)
    assert ApprovalRequest.objects.get().xp == 11


def test_the_preview_says_that_a_second_person_is_needed(requester, learner):
    page = post_adjustment(browser_of(requester), learner, 1_001, button="_preview").content.decode()
    assert "it takes effect once a colleague has approved it" in page
    assert "Ask for approval</button>" in page
    assert ApprovalRequest.objects.count() == 0


def test_the_preview_of_a_refused_adjustment_does_not_mention_approval(requester, learner):
    page = post_adjustment(browser_of(requester), learner, -1_001, button="_preview").content.decode()
    assert REFUSED in page
    assert "once a colleague has approved it" not in page


def test_a_double_click_requests_once(requester, learner):
    for _ in range(2):
        post_adjustment(browser_of(requester), learner, 1_001)
    assert ApprovalRequest.objects.count() == 1


def test_a_reference_cannot_be_requested_with_another_amount(requester, learner):
    ask(learner, requester)
    with pytest.raises(ReferenceReused):
        ask(learner, requester, amount=1_002)


def test_a_second_person_approves_and_then_it_is_paid(requester, approver, learner):
    adjustment = ask(learner, requester)
    page = browser_of(approver).get(decide_url(adjustment)).content.decode()
    assert "After: 1001 XP, level 7 (Novice)." in page
    browser_of(approver).post(decide_url(adjustment), {"_approve": "1"})
    adjustment.refresh_from_db()
    entry = LedgerEntry.objects.get()
    assert (adjustment.status, adjustment.decided_by, adjustment.result["entry_id"]) == ("approved", approver, entry.pk)
    assert (entry.delta, entry.reason, entry.actor, entry.note) == (
        1_001,
        "manual_adjustment",
        requester,
        "Moved from another school\nSee the letter.",
    )
    message = f"Approved: +1001 XP for {learner}, requested by {requester}. Ledger entry {entry.pk}."
    why = "Reason: Moved from another school Note: See the letter."
    assert texts_of_the_log() == [(approver, f"{message} {why}")]


def test_the_page_of_a_request_previews_what_approving_it_does(requester, approver, learner):
    AchievementFactory(name="Rich", condition={"type": "xp", "threshold": 2_000}, xp_reward=150)
    adjustment = ask(learner, requester, amount=2_000)
    page = browser_of(approver).get(decide_url(adjustment)).content.decode()
    assert "After: 2150 XP, level" in page
    assert "The achievement “Rich” is unlocked and pays 150 XP." in page
    assert not LedgerEntry.objects.exists()
    browser_of(approver).post(decide_url(adjustment), {"_approve": "1"})
    assert total_of(learner) == 2_150


def test_nobody_approves_their_own_request(requester, learner):
    adjustment = ask(learner, requester)
    page = browser_of(requester).get(decide_url(adjustment)).content.decode()
    assert 'name="_approve"' not in page
    answer = browser_of(requester).post(decide_url(adjustment), {"_approve": "1"})
    assert "Nobody approves their own request; a second person has to." in answer.content.decode()
    with pytest.raises(OwnRequest):
        approve(adjustment.pk, actor=requester, at=NOW)
    assert (total_of(learner), LogEntry.objects.count()) == (0, 0)


def test_superusers_cannot_approve_their_own_request(staff, learner):
    adjustment = ask(learner, staff)
    with pytest.raises(OwnRequest):
        approve(adjustment.pk, actor=staff, at=NOW)


def test_nobody_requests_or_approves_xp_for_themselves(requester, approver):
    with pytest.raises(OwnXP):
        ask(requester, requester)
    adjustment = ask(approver, requester)
    assert 'name="_approve"' not in browser_of(approver).get(decide_url(adjustment)).content.decode()
    with pytest.raises(OwnXP):
        approve(adjustment.pk, actor=approver, at=NOW)
    assert total_of(approver) == 0


def test_the_database_refuses_an_approval_by_the_wrong_person(requester, learner):
    adjustment = ask(learner, requester)
    rows = ApprovalRequest.objects.filter(pk=adjustment.pk)
    for change in [
        {"status": "approved", "decided_at": NOW, "decided_by": requester},
        {"status": "approved", "decided_at": NOW, "decided_by": learner},
        {"status": "approved", "decided_at": NOW},
        {"status": "approved", "decided_by": StaffFactory()},
        {"status": "declined"},
        {"decided_by": StaffFactory()},
        {"requested_by": learner},
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.parametrize(("by", "status"), [("requester", "withdrawn"), ("approver", "declined")])
def test_declining_and_withdrawing_pay_nothing_and_are_final(requester, approver, learner, by, status):
    adjustment, person = ask(learner, requester), {"requester": requester, "approver": approver}[by]
    browser_of(person).post(decide_url(adjustment), {"_decline": "1"})
    adjustment.refresh_from_db()
    assert (adjustment.status, adjustment.decided_by, adjustment.result, total_of(learner)) == (status, person, {}, 0)
    for decide in [approve, decline]:
        with pytest.raises(AlreadyDecided):
            decide(adjustment.pk, actor=approver, at=NOW)
    assert texts_of_the_log()[0][1].startswith(
        f"{status.capitalize()}: +1001 XP for {learner}, requested by {requester}."
    )


def test_an_approved_request_is_paid_once(requester, approver, learner):
    adjustment = ask(learner, requester)
    for _ in range(2):
        answer = browser_of(approver).post(decide_url(adjustment), {"_approve": "1"})
    assert "This request has been decided already." in answer.content.decode()
    assert (total_of(learner), LogEntry.objects.count()) == (1_001, 1)


def test_an_impossible_balance_is_refused_and_the_request_stays_open(requester, approver, learner):
    adjustment = ask(learner, requester, amount=-1_001)
    page = browser_of(approver).get(decide_url(adjustment)).content.decode()
    assert f"This cannot be approved now: {BELOW_ZERO}" in page
    assert 'name="_approve"' not in page
    answer = browser_of(approver).post(decide_url(adjustment), {"_approve": "1"})
    assert "below zero" in answer.content.decode()
    with pytest.raises(BalanceBelowZero):
        approve(adjustment.pk, actor=approver, at=NOW)
    adjustment.refresh_from_db()
    assert adjustment.status == "waiting"


def test_a_reference_that_the_api_has_paid_is_not_paid_again(requester, approver, learner):
    adjust(learner_id=learner.pk, amount=1_001, reason="By API", actor=requester, at=NOW, reference_id="one")
    with pytest.raises(ReferenceReused):
        approve(ask(learner, requester).pk, actor=approver, at=NOW)
    assert total_of(learner) == 1_001


def test_deciding_requires_the_permission(requester, learner):
    adjustment = ask(learner, requester)
    looker = StaffFactory(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_approvalrequest"))
    for person, status in [(looker, 403), (UserFactory(), 302)]:
        for button in ["_approve", "_decline"]:
            assert browser_of(person).post(decide_url(adjustment), {button: "1"}).status_code == status
    for page in [reverse("admin:approvals_approvalrequest_changelist"), decide_url(adjustment)]:
        assert browser_of(looker).get(page).status_code == 200
    shown = browser_of(looker).get(decide_url(adjustment)).content.decode()
    assert not any(button in shown for button in ["_approve", "_decline"])


def test_requests_are_listed_and_never_edited(requester, approver, learner, admin_client):
    adjustment = ask(learner, requester)
    approve(ask(learner, requester, reference_id="two").pk, actor=approver, at=NOW)
    page = admin_client.get(reverse("admin:approvals_approvalrequest_changelist")).content.decode()
    assert [f">Decide {adjustment.pk}</a>" in page, f">Show {adjustment.pk + 1}</a>" in page] == [True, True]
    change = reverse("admin:approvals_approvalrequest_change", args=[adjustment.pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {"status": "approved"}).status_code == 403
    assert admin_client.get(reverse("admin:approvals_approvalrequest_add")).status_code == 403


def test_a_page_without_a_button_decides_nothing(requester, approver, learner):
    adjustment = ask(learner, requester)
    assert browser_of(approver).post(decide_url(adjustment), {}).status_code == 200
    adjustment.refresh_from_db()
    assert adjustment.status == "waiting"


def test_an_unknown_request_is_not_found(approver):
    url = reverse("admin:approvals_approvalrequest_decide", args=[10**9])
    assert browser_of(approver).get(url).status_code == 404
