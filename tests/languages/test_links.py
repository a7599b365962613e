"""Every text of the pages that a link of a mail or of a game leads to goes through gettext."""

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import translation
from django.views.defaults import server_error

from skillquest.accounts import resets
from tests.factories import PASSWORD
from tests.machines.learner_calls import Server

from .marks import mark, untranslated
from .test_pages import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    return Client(HTTP_ACCEPT_LANGUAGE="id")


def test_a_new_password(visitor, learner):
    read(visitor.get(f"/new-password/{resets.token_for(learner)}", follow=True))
    for password in ("123", "five small green frogs"):
        read(visitor.post("/new-password", {"new_password": password}, follow=True))


def test_an_account_that_a_game_has_made(visitor, browser):
    server = Server()
    server.put(display_name=mark("Budi"), language="id")
    path = server.claim_link().json()["url"].removeprefix(settings.SITE_URL)
    for reader in (browser, visitor):  # somebody who is signed in to another account, and somebody who is not
        read(reader.get(path, follow=True))
    for name in ("a b", "budi"):
        person = {"username": name, "email": f"{name}@example.test", "password": "five small green frogs"}
        read(visitor.post("/claim", person, follow=True))


def test_the_end_of_an_account(browser):
    read(browser.get("/profile/erase"))
    sent = {"password": PASSWORD}
    read(browser.post("/profile/erase", sent, follow=True, headers={"Accept-Language": "id"}))


def test_the_page_for_a_broken_server():
    with translation.override("id"):
        assert untranslated(server_error(RequestFactory().get("/"))) == []
