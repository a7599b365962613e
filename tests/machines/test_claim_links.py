"""POST learners/{external_id}/claim-link, and the page on which a person takes over the account."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertRedirects
from rest_framework.test import APIClient

from gamification.models import LearnerProfile
from skillquest.accounts.models import User
from skillquest.logs import without_reset_tokens
from skillquest.machines.claims import DeadLinkError, claim_account
from skillquest.machines.models import ClaimLink
from tests.factories import PASSWORD, LevelFactory, UserFactory
from tests.pages.html import text_of
from tests.threads import at_once
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .keys import client_with, make_pupil
from .learner_calls import FULL, Server, problem

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "https://quest.example"
CHOSEN = {"username": "ana", "email": "ana@home.test", "password": PASSWORD}
DEAD = "This link no longer works"


@pytest.fixture
def server():
    server = Server()
    server.put(**FULL)
    return server


def path_of(server, external_id="pupil-1"):
    return server.claim_link(external_id).json()["url"].removeprefix(SITE)


def follow(path):
    """A browser in which the link was opened."""
    browser = Client()
    assertRedirects(browser.get(path), "/claim", fetch_redirect_response=False)
    return browser


def pupil():
    return User.objects.get(external_id="pupil-1")


def play(person):
    claim = Claim(LevelFactory().level_id, 850, 300)
    complete_level(learner=person, claim=claim, source="api", at=timezone.now())
    return LearnerProfile.objects.get(pk=person.pk).total_xp


@time_machine.travel(AT, tick=False)
def test_the_answer_is_a_link_for_seven_days(server):
    answer = server.claim_link()
    assert answer.status_code == 201
    assert answer.json().keys() == {"success", "url", "expires_at"}
    assert answer.json()["expires_at"] == "2026-03-08T12:00:00Z"
    token = answer.json()["url"].removeprefix(f"{SITE}/claim/")
    assert len(token) == 43
    assert token not in str(ClaimLink.objects.values_list())


def test_the_person_chooses_how_to_sign_in_and_keeps_what_was_earned(server):
    person = pupil()
    total_xp = play(person)
    browser = follow(path_of(server))
    page = browser.get("/claim")
    assert f"Ana, you have reached rank 1 with {total_xp} XP." in text_of(page)
    assert page.context["form"].initial == {"email": "ana@example.test"}
    assertRedirects(browser.post("/claim", CHOSEN), "/dashboard")
    claimed = pupil()
    assert (claimed.pk, claimed.username, claimed.email) == (person.pk, "ana", "ana@home.test")
    assert claimed.check_password(PASSWORD)
    assert LearnerProfile.objects.get(pk=claimed.pk).total_xp == total_xp > 0
    assert APIClient().post("/api/v1/auth/login", {"username": "ana", "password": PASSWORD}).status_code == 200
    assert server.get().json()["claimed"] is True
    assert not User.history.filter(id=person.pk).exists()


def test_a_link_works_once(server):
    path = path_of(server)
    first, second = follow(path), follow(path)
    first.post("/claim", CHOSEN)
    assert DEAD in text_of(second.post("/claim", {**CHOSEN, "username": "eve", "password": "quite another horse"}))
    assert DEAD in text_of(follow(path).get("/claim"))
    assert pupil().username == "ana"


def test_opening_a_link_uses_nothing_up(server):
    path = path_of(server)
    for _ in range(3):
        browser = follow(path)
    assertRedirects(browser.post("/claim", CHOSEN), "/dashboard")


def test_a_newer_link_replaces_the_first(server):
    first, second = path_of(server), path_of(server)
    assert DEAD in text_of(follow(first).get("/claim"))
    assert "Make this account yours" in text_of(follow(second).get("/claim"))


def test_a_link_expires_after_seven_days(server):
    with time_machine.travel(AT, tick=False) as clock:
        path = path_of(server)
        clock.shift(timedelta(days=7) - timedelta(seconds=1))
        browser = follow(path)
        assert "Make this account yours" in text_of(browser.get("/claim"))
        clock.shift(timedelta(seconds=1))
        assert DEAD in text_of(browser.post("/claim", CHOSEN))
    assert not pupil().has_usable_password()


def test_a_link_ends_with_its_key(server):
    path = path_of(server)
    server.key.revoked_at = timezone.now()
    server.key.save()
    assert DEAD in text_of(follow(path).get("/claim"))


def test_a_link_ends_with_the_account(server):
    erased, deactivated = path_of(server), None
    server.put("pupil-2")
    deactivated = path_of(server, "pupil-2")
    server.delete()
    User.objects.filter(external_id="pupil-2").update(is_active=False)
    assert DEAD in text_of(follow(erased).get("/claim"))
    assert DEAD in text_of(follow(deactivated).get("/claim"))


@pytest.mark.parametrize(
    "grant",
    [
        lambda person: User.objects.filter(pk=person.pk).update(is_staff=True),
        lambda person: User.objects.filter(pk=person.pk).update(is_superuser=True),
        lambda person: person.groups.add(Group.objects.create(name="Some rights")),
        lambda person: person.user_permissions.add(Permission.objects.first()),
    ],
    ids=["staff", "superuser", "group", "permission"],
)
def test_a_link_ends_when_the_account_gets_rights(server, grant):
    path = path_of(server)
    opened = follow(path)
    grant(pupil())
    assert DEAD in text_of(opened.post("/claim", CHOSEN))
    assert DEAD in text_of(follow(path).get("/claim"))
    assert not pupil().has_usable_password()


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "é", "x" * 2_000])
def test_an_invented_token_leads_to_the_same_page(token):
    browser = Client()
    answer = browser.get(f"/claim/{token}", follow=True)
    assert answer.status_code == 400 if token == "%00" else DEAD in text_of(answer)


def test_without_a_link_there_is_nothing_to_claim(client):
    assert DEAD in text_of(client.get("/claim"))
    assert DEAD in text_of(client.post("/claim", CHOSEN))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("username", "Maria", "This username is taken."),
        ("username", "the.head", "This username looks like another person"),
        ("username", "a b", "A username consists of"),
        ("email", "MARIA@example.test", "This e-mail address is taken."),
        ("email", "nobody", "Enter an e-mail address, such as"),
        ("password", "12345678", "This password is too common."),
        ("password", "", "This field is required."),
    ],
)
def test_a_refusal_is_written_beside_its_field(server, field, value, message):
    UserFactory(username="maria", email="maria@example.test")
    UserFactory(display_name="The Head")
    browser = follow(path_of(server))
    page = browser.post("/claim", {**CHOSEN, field: value})
    assert page.status_code == 200
    assert any(message in error for error in page.context["form"].errors[field])
    assert not pupil().has_usable_password()
    assertRedirects(browser.post("/claim", CHOSEN), "/dashboard")


def test_ones_own_address_is_not_taken_where_the_username_is(server):
    UserFactory(username="maria")
    page = follow(path_of(server)).post("/claim", {**CHOSEN, "username": "maria", "email": "ana@example.test"})
    assert page.context["form"].errors == {"username": ["This username is taken."]}


def test_the_address_that_the_server_gave_may_stay(server):
    browser = follow(path_of(server))
    assertRedirects(browser.post("/claim", {**CHOSEN, "email": "ana@example.test"}), "/dashboard")


def test_unknown_fields_of_the_form_change_nothing(server):
    browser = follow(path_of(server))
    more = {"is_staff": "on", "is_superuser": "on", "external_id": "x", "time_zone": "UTC", "total_xp": "9"}
    browser.post("/claim", CHOSEN | more)
    claimed = pupil()
    assert (claimed.is_staff, claimed.is_superuser, claimed.profile.time_zone) == (False, False, "Asia/Jakarta")


def test_the_second_click_ends_where_the_first_did(server):
    browser = follow(path_of(server))
    late = Client()
    late.cookies = browser.cookies.copy()
    assertRedirects(browser.post("/claim", CHOSEN), "/dashboard")
    assertRedirects(late.post("/claim", CHOSEN), "/dashboard")


def test_a_second_click_with_another_password_signs_nobody_in(server):
    browser = follow(path_of(server))
    late = Client()
    late.cookies = browser.cookies.copy()
    browser.post("/claim", CHOSEN)
    assert DEAD in text_of(late.post("/claim", {**CHOSEN, "password": "quite another horse"}))


def test_somebody_who_is_signed_in_is_told_that_this_changes(server, learner):
    browser = Client()
    browser.force_login(learner)
    browser.get(path_of(server))
    assert f"This browser is signed in as {learner.get_full_name()}." in text_of(browser.get("/claim"))
    assertRedirects(browser.post("/claim", CHOSEN), "/dashboard")
    assert int(browser.session["_auth_user_id"]) == pupil().pk


def test_claiming_ends_the_tokens_of_the_game(server):
    device = client_with(server.token().json()["access_token"])
    follow(path_of(server)).post("/claim", CHOSEN)
    assert problem(device.get("/api/v1/auth/me"))[:2] == (401, "invalid_token")
    assert client_with(server.token().json()["access_token"]).get("/api/v1/auth/me").status_code == 200


def test_an_account_with_a_password_is_not_for_others_to_claim(server):
    make_pupil("claimed")
    assert problem(server.claim_link("claimed")) == (409, "already_claimed", {})
    assert not ClaimLink.objects.exists()


def test_staff_who_set_a_password_end_the_link(server):
    path, person = path_of(server), pupil()
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    assert DEAD in text_of(follow(path).get("/claim"))


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"profile__kind": "test"}])
def test_there_are_no_links_for_staff_and_for_learners_of_the_other_mode(server, fields):
    UserFactory(external_id="other", **fields)
    assert problem(server.claim_link("other"))[:2] == (404, "learner_not_found")


def test_unknown_fields_are_refused(server):
    assert problem(server.claim_link(email="eve@example.test"))[2] == {"email": ["Unknown field."]}


def test_the_token_is_in_no_log_and_in_no_address_afterwards(server):
    path = path_of(server)
    token = path.rpartition("/")[2]
    assert without_reset_tokens(f'"GET {path} HTTP/1.1" 302') == '"GET /claim/[token] HTTP/1.1" 302'
    response = Client().get(path)
    assert token not in response.url
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("slash", ["/", "%2F", "%2f"])
@pytest.mark.parametrize("page", ["claim", "new-password", "new%2Dpassword"])
def test_the_token_is_in_no_log_below_another_path_either(page, slash):
    start = f"GET {slash}game{slash}{page}{slash}"
    assert without_reset_tokens(f"{start}6fJ0-x_y HTTP/1.1") == f"{start}[token] HTTP/1.1"


def test_other_words_in_logs_stay():
    assert without_reset_tokens("GET /disclaim/it HTTP/1.1") == "GET /disclaim/it HTTP/1.1"


@pytest.mark.django_db(transaction=True)
def test_of_parallel_claims_one_succeeds():
    server = Server()
    server.put()
    token = path_of(server).rpartition("/")[2]

    def claiming(number):
        def call():
            chosen = {"username": f"ana{number}", "email": f"ana{number}@example.test", "password": PASSWORD}
            try:
                return claim_account(token=token, **chosen, at=timezone.now()).username
            except DeadLinkError:
                return None

        return call

    names = at_once([claiming(number) for number in range(5)])
    assert names.count(None) == 4
    assert pupil().username in names
