"""No amount passes in parts: what one person does to one learner within 24 hours is summed."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse as url_of
from django.utils import timezone

from approvals.errors import AlreadyDecided
from approvals.models import ApprovalRequest
from approvals.services import approve, decline
from gamification.models import LearnerProfile, LedgerEntry
from gamification.staff.approvals import adjust_or_request, request_adjustment, reverse_or_request
from tests.factories import StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory

pytestmark = pytest.mark.django_db

AWARD = "/api/v1/gamification/xp/award"
DAY = timedelta(hours=24)


@pytest.fixture
def now(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    return timezone.now()


@pytest.fixture
def boss():
    return StaffFactory()


def give(learner, actor, amount, at, **options):
    """Whether it was done at once."""
    done = adjust_or_request(learner_id=learner.pk, amount=amount, reason="Gift", actor=actor, at=at, **options)
    return not isinstance(done, ApprovalRequest)


def reverse_entry(entry, actor, at):
    done = reverse_or_request(entry, actor=actor, reason="Oops", note="Typed twice", at=at)
    return not isinstance(done, ApprovalRequest)


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def test_parts_of_an_amount_are_summed(learner, staff, now):
    assert [give(learner, staff, 500, now), give(learner, staff, 500, now), give(learner, staff, 1, now)] == [
        True,
        True,
        False,
    ]
    assert total_of(learner) == 1_000


def test_giving_and_taking_do_not_cancel_each_other(learner, staff, now):
    assert [give(learner, staff, amount, now) for amount in (500, -500, 1)] == [True, True, False]


def test_the_sum_is_of_24_hours(learner, staff, now):
    give(learner, staff, 1_000, now)
    assert not give(learner, staff, 1, now + DAY - timedelta(seconds=1))
    assert give(learner, staff, 1_000, now + DAY, reference_id="next day")


def test_each_person_and_each_learner_has_a_sum_of_its_own(learner, staff, boss, now):
    for person in (staff, boss):
        for someone in (learner, UserFactory()):
            assert give(someone, person, 1_000, now)


def test_reversals_count_together_with_adjustments(learner, staff, boss, now):
    line = adjust(learner_id=learner.pk, amount=600, reason="Gift", actor=boss, at=now)
    assert give(learner, staff, 600, now)
    assert not reverse_entry(line, staff, now)
    assert total_of(learner) == 1_200


def test_a_line_above_the_limit_is_reversed_by_two(learner, staff, boss, now):
    line = adjust(learner_id=learner.pk, amount=1_001, reason="Gift", actor=boss, at=now)
    assert [reverse_entry(line, staff, now), reverse_entry(line, staff, now)] == [False, False]
    request = ApprovalRequest.objects.get()
    assert (request.kind, request.xp, request.learner, total_of(learner)) == ("reversal", -1_001, learner, 1_001)
    request = approve(request.pk, actor=boss, at=now)
    reversal = LedgerEntry.objects.get(reversal_of=line)
    assert (reversal.actor, reversal.note, request.result["entry_id"]) == (staff, "Oops\nTyped twice", reversal.pk)
    assert total_of(learner) == 0


def test_a_line_that_was_reversed_meanwhile_is_not_reversed_again(learner, staff, boss, now, settings):
    line = adjust(learner_id=learner.pk, amount=1_001, reason="Gift", actor=boss, at=now)
    reverse_entry(line, staff, now)
    settings.XP_APPROVAL_ABOVE = 5_000
    reverse_entry(line, boss, now)
    page = as_browser(boss).post(decide_url(), {"_approve": "1"}).content.decode()
    assert "This entry has been reversed already." in page
    assert ApprovalRequest.objects.get().status == "waiting"


def test_the_page_of_a_reversal_says_what_it_does(learner, staff, boss, now):
    AchievementFactory(name="Rich", condition={"type": "xp", "threshold": 1_000}, xp_reward=1_500)
    adjust(learner_id=learner.pk, amount=1_000, reason="Gift", actor=boss, at=now)
    reverse_entry(LedgerEntry.objects.get(reason="achievement"), staff, now)
    page = as_browser(boss).get(decide_url()).content.decode()
    for sentence in ["Now: 2500 XP, level", "After: 1000 XP, level", "“Rich” is taken back with its XP."]:
        assert sentence in page
    assert total_of(learner) == 2_500


def test_the_page_of_an_entry_asks_for_approval_above_the_limit(learner, staff, boss, now):
    line = adjust(learner_id=learner.pk, amount=1_001, reason="Gift", actor=boss, at=now)
    url = url_of("admin:gamification_ledgerentry_reverse", args=[line.pk])
    assert "Ask for approval" in as_browser(staff).get(url).content.decode()
    page = as_browser(staff).post(url, {"reason": "Oops", "note": "Typed twice"}, follow=True).content.decode()
    assert "Requested the reversal" in page
    assert total_of(learner) == 1_001


# --- The API ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def award(staff_api, learner):
    def award(headers=None, **changes):
        body = {"user_id": learner.pk, "xp_amount": 1_001, "reason": "Won the fair", "reference_id": "fair", **changes}
        answer = staff_api.post(AWARD, body, headers=headers)
        return answer.status_code, answer.json()

    return award


def pending():
    return {"success": True, "status": "pending_approval", "request_id": ApprovalRequest.objects.latest("pk").pk}


def test_an_award_above_the_limit_waits_and_a_repeat_names_the_same_request(award, learner):
    assert [award(), award()] == [(202, pending())] * 2
    assert (ApprovalRequest.objects.count(), total_of(learner)) == (1, 0)


def test_an_award_that_was_approved_is_answered_as_paid(award, learner, boss):
    award(metadata={"place": 1})
    approve(ApprovalRequest.objects.get().pk, actor=boss, at=timezone.now())
    status, body = award(metadata={"place": 1})
    assert (status, body["is_new_award"], body["xp_awarded"], body["total_xp"]) == (200, False, 1_001, 1_001)
    assert LedgerEntry.objects.get().metadata == {"place": 1}


def test_an_award_whose_request_was_declined_is_refused(award, learner, boss):
    award()
    decline(ApprovalRequest.objects.get().pk, actor=boss, at=timezone.now())
    status, body = award()
    assert (status, body["code"]) == (409, "already_decided")
    assert (ApprovalRequest.objects.count(), total_of(learner)) == (1, 0)


def test_a_reference_that_waits_is_not_used_with_another_amount(award):
    award()
    for amount in (5, 1_002):
        status, body = award(xp_amount=amount)
        assert (status, body["code"]) == (409, "reference_reused")


def test_awards_and_adjustments_in_the_admin_are_summed_together(award, learner, staff):
    give(learner, staff, 1_000, timezone.now())
    assert award(xp_amount=1) == (202, pending())


def test_an_award_without_reference_that_is_sent_twice_makes_one_request(staff_api, learner, boss):
    body = {"user_id": learner.pk, "xp_amount": 1_001, "reason": "Won the fair"}
    answers = [staff_api.post(AWARD, body).json() for _ in range(2)]
    assert answers == [pending()] * 2
    approve(pending()["request_id"], actor=boss, at=timezone.now())
    assert total_of(learner) == 1_001


def test_an_idempotency_key_repeats_the_answer_that_it_waits(award, boss):
    first = award(headers={"Idempotency-Key": "k"})
    approve(pending()["request_id"], actor=boss, at=timezone.now())
    assert award(headers={"Idempotency-Key": "k"}) == first == (202, pending())


def test_an_award_that_cannot_be_paid_is_refused_at_once(award):
    status, body = award(xp_amount=-1_001)
    assert (status, body["code"], ApprovalRequest.objects.count()) == (400, "balance_below_zero", 0)


def test_a_reference_whose_request_was_decided_is_not_requested_again(learner, staff, boss, now):
    asked = {"learner_id": learner.pk, "amount": 2_000, "reason": "Gift", "note": "", "reference_id": "a"}
    decline(request_adjustment(**asked, actor=staff, at=now).pk, actor=boss, at=now)
    with pytest.raises(AlreadyDecided):
        request_adjustment(**asked, actor=staff, at=now)


# --- The admin --------------------------------------------------------------------------------------------------------


def as_browser(person):
    client = Client()
    client.force_login(person)
    return client


def decide_url():
    return url_of("admin:approvals_approvalrequest_decide", args=[ApprovalRequest.objects.get().pk])


def test_the_form_of_an_adjustment_says_when_the_sum_needs_a_second_person(learner, staff, now):
    give(learner, staff, 1_000, now)
    url = url_of("admin:gamification_learnerprofile_adjust", args=[learner.pk])
    form = {"amount": 1, "reason": "Moved here", "note": "See the letter.", "reference_id": "one"}
    assert "Ask for approval</button>" in as_browser(staff).post(url, {**form, "_preview": "1"}).content.decode()
    as_browser(staff).post(url, {**form, "_apply": "1"})
    assert (total_of(learner), ApprovalRequest.objects.get().xp) == (1_000, 1)


def test_old_addresses_of_requests_lead_to_the_new_ones(learner, staff, boss, now):
    give(learner, staff, 1_001, now)
    old = decide_url().replace("approvals/approvalrequest", "gamification/adjustmentrequest")
    assert as_browser(boss).get(old).url == decide_url()


def test_the_ledger_is_in_order_after_all_of_this(learner, staff, boss, now):
    give(learner, staff, 1_001, now)
    approve(ApprovalRequest.objects.get().pk, actor=boss, at=now)
    call_command("verify_ledger")
