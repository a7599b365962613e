"""clients/js: guests, who play without an account, against the real server."""

import pytest

from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts.models import AuthSession, GuestDevice, User
from tests.factories import PASSWORD, UserFactory
from tracking.models import Completion

from .fake_server import until

ENTER = """async () => {
    const { createTracker, enterAsGuest } = await import("/static/skillquest/tracker/index.js");
    globalThis.guest = await enterAsGuest();
    globalThis.verdicts = [];
    globalThis.tracker = createTracker({ ...guest, onVerdict: (verdict) => verdicts.push(verdict) });
    return guest.person;
}"""
PLAY = """score => tracker.complete({ levelId: "hello-world", score }).then(
    ({ queued, awarded_xp, error }) => (queued ? error.code : awarded_xp),
)"""


@pytest.fixture
def page(open_browser):
    page = open_browser()
    page.goto("/sign-in")
    return page


def test_a_device_plays_as_its_guest_and_is_known_at_the_next_visit(page):
    person = page.evaluate(ENTER)
    assert page.evaluate(PLAY, 90) == 45
    page.goto("/sign-in")
    assert page.evaluate(ENTER) == person
    assert page.evaluate(PLAY, 80) == 0
    assert LearnerProfile.objects.get(user=person).kind == LearnerKind.GUEST
    assert Completion.objects.filter(learner=person).count() == 2
    assert User.objects.filter(profile__kind=LearnerKind.GUEST).count() == 1


def test_a_guest_s_token_that_has_ended_is_replaced(page):
    page.evaluate(ENTER)
    assert page.evaluate(PLAY, 90) == 45
    AuthSession.objects.all().delete()
    assert page.evaluate(PLAY, 80) == 0


def test_a_known_guest_can_begin_without_a_connection(page):
    person = page.evaluate(ENTER)
    page.goto("/sign-in")
    page.evaluate("import('/static/skillquest/tracker/index.js')")
    page.context.set_offline(True)
    assert page.evaluate(ENTER) == person
    assert page.evaluate(PLAY, 90) == "network_error"
    page.context.set_offline(False)
    until(page, "verdicts.length === 1")
    assert Completion.objects.get().learner_id == person


def test_an_answer_that_is_lost_leads_to_no_second_guest(page):
    page.route("**/auth/guest", lambda route: (route.fetch(), route.abort()), times=1)
    page.evaluate(ENTER)
    assert GuestDevice.objects.count() == 1


def test_a_guest_becomes_an_account_and_the_device_gets_another_guest(page):
    person = page.evaluate(ENTER)
    page.evaluate(PLAY, 90)
    account = {"username": "newcomer", "email": "new@example.org", "password": PASSWORD}
    linked = page.evaluate("account => guest.link(account)", account)
    assert (linked["user_id"], linked["merged"]) == (person, False)
    assert page.evaluate(ENTER) != person


def test_a_guest_is_merged_into_an_account(page):
    page.evaluate(ENTER)
    page.evaluate(PLAY, 90)
    account = UserFactory()
    body = {"identifier": account.username, "password": PASSWORD}
    assert page.evaluate("body => guest.link(body).then(({ user_id }) => user_id)", body) == account.pk
    assert Completion.objects.get().learner_id == account.pk


def test_what_a_guest_has_stored_is_sent_for_the_account_that_it_was_merged_into(page):
    page.evaluate(ENTER)
    page.route("**/api/v1/levels/complete", lambda route: route.abort())
    page.route("**/api/v1/sync", lambda route: route.abort())
    assert page.evaluate(PLAY, 90) == "blocked_by_browser"
    account = UserFactory()
    body = {"identifier": account.username, "password": PASSWORD}
    tokens = page.evaluate("body => (tracker.close(), guest.link(body))", body)
    page.unroute_all()
    page.evaluate(
        """async (tokens) => {
            const { createTracker } = await import("/static/skillquest/tracker/index.js");
            globalThis.left = await createTracker({ person: tokens.user_id, tokens }).flush();
        }""",
        tokens,
    )
    assert page.evaluate("left") == 0
    assert Completion.objects.get().learner_id == account.pk


def test_results_of_a_guest_that_has_ended_are_not_sent_as_those_of_the_next(page):
    person = page.evaluate(ENTER)
    GuestDevice.objects.all().delete()
    AuthSession.objects.all().delete()
    assert page.evaluate(PLAY, 90) == "invalid_token"
    assert page.evaluate(PLAY, 80) == "guest_has_ended"
    assert not Completion.objects.exists()
    page.goto("/sign-in")
    assert page.evaluate(ENTER) != person
