"""The page Approvals: what waits comes first, and each person sees what they may decide."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from approvals.services import approve, decline
from tests.factories import StaffFactory, UserFactory

from .kinds import ask, statuses

pytestmark = pytest.mark.django_db

NOW = timezone.now()
LIST, INDEX = "/admin/approvals/approvalrequest/", "/admin/"


@pytest.fixture
def colleague():
    return StaffFactory()


def staff_with(*codenames):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return person


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def page_of(person, address):
    return browser_of(person).get(address).content.decode()


def decide_url(request):
    return f"{LIST}{request.pk}/decide/"


def test_what_waits_comes_first_the_oldest_at_the_top(staff, colleague):
    first, second, third = (ask(staff, NOW, mark=str(number)) for number in range(3))
    decline(first.pk, actor=colleague, at=NOW)
    page = page_of(colleague, LIST)
    places = [page.index(f"{request.pk}/decide/") for request in (second, third, first)]
    assert places == sorted(places)
    assert "Mark: A mark" in page
    assert "+5" in page


@pytest.mark.parametrize(("number", "words"), [(1, "1 request waits"), (3, "3 requests wait")])
def test_the_index_says_how_many_wait_for_the_reader(staff, colleague, number, words):
    for mark in range(number):
        ask(staff, NOW, mark=str(mark))
    assert f"{words} for your approval." in page_of(colleague, INDEX)
    for person in (staff, staff_with("view_level")):
        assert "for your approval" not in page_of(person, INDEX)


def test_the_index_says_nothing_when_nothing_waits(staff, colleague):
    approve(ask(staff, NOW).pk, actor=colleague, at=NOW)
    assert "for your approval" not in page_of(colleague, INDEX)


def test_people_see_the_requests_that_they_may_decide_and_their_own(staff):
    request = ask(staff, NOW)
    expected = {"award_xp": 200, "view_approvalrequest": 200, "change_level": 404, "view_level": 403}
    for codename, status in expected.items():
        browser = browser_of(staff_with(codename))
        assert browser.get(decide_url(request)).status_code == status, codename
    editor = staff_with("change_level")
    assert "A mark" in page_of(editor, decide_url(ask(editor, NOW, mark="mine")))
    assert "A mark" in page_of(editor, LIST)


def test_a_double_click_decides_once_and_says_so(staff, colleague):
    request = ask(staff, NOW)
    browser = browser_of(colleague)
    assert browser.post(decide_url(request), {"_approve": "1", "note": "Fine."}).status_code == 302
    page = browser.post(decide_url(request), {"_approve": "1"}).content.decode()
    assert "This request has been decided already." in page
    assert "Fine." in page
    assert statuses() == ["approved"]


def test_declining_keeps_the_note_and_whoever_asked_reads_it(staff, colleague):
    request = ask(staff, NOW)
    browser_of(colleague).post(decide_url(request), {"_decline": "1", "note": "Ask the school first."})
    assert "Ask the school first." in page_of(staff, decide_url(request))
    assert statuses() == ["declined"]


def test_whoever_asked_can_only_withdraw(staff):
    request = ask(staff, NOW)
    page = page_of(staff, decide_url(request))
    assert ('value="Withdraw"' in page, 'name="_approve"' in page) == (True, False)
    browser_of(staff).post(decide_url(request), {"_decline": "1"})
    assert statuses() == ["withdrawn"]


def test_learners_and_strangers_are_sent_to_sign_in(staff):
    request = ask(staff, NOW)
    for browser in (browser_of(UserFactory()), Client()):
        assert browser.post(decide_url(request), {"_approve": "1"}).status_code == 302
    assert statuses() == ["waiting"]


def test_the_list_takes_the_same_number_of_queries_for_1_and_for_3(staff, colleague, django_assert_num_queries):
    browser = browser_of(colleague)
    ask(staff, NOW, learner_id=UserFactory().pk)
    with django_assert_num_queries(6):
        browser.get(LIST)
    for mark in ("two", "three"):
        ask(StaffFactory(), NOW, mark=mark, learner_id=UserFactory().pk)
    with django_assert_num_queries(6):
        browser.get(LIST)
