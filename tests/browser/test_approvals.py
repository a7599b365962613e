"""Two stewards in two browsers, on a phone: one asks, the other one approves or refuses; two approvals race."""

import re

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import expect

from approvals.models import ApprovalRequest
from gamification.models import LearnerProfile
from tests.factories import PASSWORD, StaffFactory, UserFactory

from .conftest import PHONE
from .test_accessibility import assert_accessible
from .test_journey import has_no_sideways_scroll

PAID = 5_150  # with the achievement “Rising Star”


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def open_admin(request, open_browser):
    """`open_admin(steward)` -> a page of the admin in a browser of their own."""

    def open_admin(steward):
        page = open_browser(viewport=PHONE, java_script_enabled=request.param)
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(steward.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        return page

    return open_admin


@pytest.fixture
def learner(transactional_db):
    return UserFactory()


def make_steward():
    person = StaffFactory(is_superuser=False)
    person.groups.add(Group.objects.get(name="XP steward"))
    return person


def ask(page, learner, amount="5000"):
    page.goto(f"/admin/gamification/learnerprofile/{learner.pk}/adjust/")
    page.get_by_label("Amount").fill(amount)
    page.get_by_label("Reason").fill("Moved here")
    page.get_by_label("Note").fill("See the letter.")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("A colleague has to approve it.")).to_be_visible()


def open_request(page):
    page.goto("/admin/")
    page.get_by_role("link", name="1 request waits for your approval.").click()
    page.get_by_role("link", name=re.compile(r"^Decide \d+$")).click()


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def test_one_steward_asks_and_another_one_approves(open_admin, learner):
    asking, deciding = (open_admin(make_steward()) for _ in range(2))
    ask(asking, learner)
    asking.goto(f"/admin/approvals/approvalrequest/{ApprovalRequest.objects.get().pk}/decide/")
    expect(asking.get_by_role("button", name="Withdraw")).to_be_visible()
    expect(asking.get_by_role("button", name="Approve")).to_have_count(0)
    open_request(deciding)
    expect(deciding.get_by_text("After: 5150 XP")).to_be_visible()
    assert has_no_sideways_scroll(deciding)
    deciding.get_by_role("button", name="Approve").click()
    expect(deciding.get_by_text("Approved: +5000 XP")).to_be_visible()
    assert total_of(learner) == PAID


def test_another_steward_refuses_with_a_note_that_the_first_one_reads(open_admin, learner):
    asking, deciding = (open_admin(make_steward()) for _ in range(2))
    ask(asking, learner)
    open_request(deciding)
    deciding.get_by_label("Note").fill("Ask the school first.")
    deciding.get_by_role("button", name="Decline").click()
    expect(deciding.get_by_text("Declined: +5000 XP")).to_be_visible()
    asking.goto(f"/admin/approvals/approvalrequest/{ApprovalRequest.objects.get().pk}/decide/")
    expect(asking.get_by_text("Ask the school first.")).to_be_visible()
    assert total_of(learner) == 0


def test_of_two_stewards_who_press_approve_one_pays_and_the_other_reads_that_it_is_decided(open_admin, learner):
    ask(open_admin(make_steward()), learner)
    first, second = (open_admin(make_steward()) for _ in range(2))
    for page in (first, second):
        open_request(page)
    first.get_by_role("button", name="Approve").click()
    expect(first.get_by_text("Approved: +5000 XP")).to_be_visible()
    second.get_by_role("button", name="Approve").click()
    expect(second.get_by_text("This request has been decided already.")).to_be_visible()
    expect(second.get_by_role("button", name="Approve")).to_have_count(0)
    assert total_of(learner) == PAID


def test_the_page_of_a_request_is_accessible(open_browser, learner):
    asking, deciding = (make_steward() for _ in range(2))
    for steward, task in ((asking, lambda page: ask(page, learner)), (deciding, open_request)):
        page = open_browser(viewport=PHONE, bypass_csp=True)  # axe writes styles of its own
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(steward.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        task(page)
    assert_accessible(page)
