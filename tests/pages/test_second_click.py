"""A double click sends a form twice, with the same cookies: the browser has not read the first answer yet."""

from copy import deepcopy
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from skillquest.accounts.models import User
from skillquest.accounts.resets import token_for
from tests.factories import PASSWORD, UserFactory
from tests.threads import at_once

ANA = {"username": "ana", "email": "k@bücher.example", "password": "a quiet walk uphill"}
NEW = {"new_password": "another walk uphill"}
ERASE = {"password": PASSWORD}


def twin_of(browser):
    """The same browser as it was before it read the next answer."""
    twin = Client()
    twin.cookies = deepcopy(browser.cookies)
    return twin


def click(browser, path, form):
    answer = browser.post(path, form)
    return answer.status_code, answer.get("Location")


@pytest.mark.django_db
class TestSignUp:
    def test_the_second_click_leads_to_the_dashboard_too(self):
        first, second = Client(), Client()
        assert click(first, "/sign-up", ANA) == click(second, "/sign-up", ANA) == (302, "/dashboard")
        assert get_user(first) == get_user(second) == User.objects.get()

    def test_with_the_other_spelling_of_the_address_too(self):
        click(Client(), "/sign-up", ANA)
        form = ANA | {"email": "k@xn--bcher-kva.example", "username": "ANA"}
        assert click(Client(), "/sign-up", form) == (302, "/dashboard")

    @pytest.mark.parametrize("other", [{"password": "some other password"}, {"email": "other@example.test"}])
    def test_somebody_else_sees_that_the_name_is_taken(self, other):
        click(Client(), "/sign-up", ANA)
        answer = Client().post("/sign-up", ANA | other)
        assert answer.context["form"].errors["username"] == ["This username is taken."]

    def test_an_account_from_earlier_is_not_signed_in(self):
        with time_machine.travel(timezone.now() - timedelta(minutes=6)):
            click(Client(), "/sign-up", ANA)
        assert Client().post("/sign-up", ANA).context["form"].errors["username"] == ["This username is taken."]

    def test_guessing_the_password_of_a_new_account_locks_it(self, settings):
        settings.RATELIMIT_ENABLE = True
        settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
        click(Client(), "/sign-up", ANA)
        for number in range(10):
            Client().post("/sign-up", ANA | {"password": f"a wrong guess {number}"})
        assert Client().post("/sign-up", ANA).status_code == 200
        assert click(Client(), "/sign-in", {"identifier": "ana", "password": ANA["password"]}) == (429, None)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_both_lead_to_the_dashboard():
    assert at_once([lambda: click(Client(), "/sign-up", ANA)] * 2) == [(302, "/dashboard")] * 2
    assert User.objects.count() == 1


@pytest.mark.django_db
class TestReset:
    PATH = "/new-password"

    @pytest.fixture
    def user(self):
        return UserFactory()

    @pytest.fixture(params=["a visitor", "a browser that is signed in"])
    def browser(self, request, user):
        browser = Client()
        if request.param != "a visitor":
            browser.force_login(user)
            user.refresh_from_db()
        browser.get(f"{self.PATH}/{token_for(user)}")
        return browser

    def test_the_second_click_leads_to_done_too(self, browser):
        twin = twin_of(browser)
        assert click(browser, self.PATH, NEW) == click(twin, self.PATH, NEW) == (302, "/new-password/done")

    def test_with_another_password_the_link_is_dead(self, browser):
        twin = twin_of(browser)
        click(browser, self.PATH, NEW)
        assert click(twin, self.PATH, {"new_password": "yet another walk"}) == (200, None)

    def test_an_expired_link_is_refused(self, browser):
        twin = twin_of(browser)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            click(browser, self.PATH, NEW)
            clock.shift(301)
            assert click(twin, self.PATH, NEW) == (200, None)

    def test_in_another_browser_the_link_is_dead(self, browser):
        click(browser, self.PATH, NEW)
        assert click(Client(), self.PATH, NEW) == (200, None)


@pytest.mark.django_db
class TestErase:
    def test_the_second_click_leads_to_the_farewell_too(self, learner_page):
        twin = twin_of(learner_page)
        assert click(learner_page, "/profile/erase", ERASE) == click(twin, "/profile/erase", ERASE) == (302, "/erased")

    def test_without_a_first_click_the_visitor_has_to_sign_in(self):
        assert click(Client(), "/profile/erase", ERASE) == (302, "/sign-in?next=/profile/erase")

    def test_looking_at_the_page_afterwards_leads_to_the_sign_in(self, learner_page):
        twin = twin_of(learner_page)
        click(learner_page, "/profile/erase", ERASE)
        assert twin.get("/profile/erase")["Location"] == "/sign-in?next=/profile/erase"
