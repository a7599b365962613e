"""A forgotten password: a mail, a link that works once, and nobody learns who has an account."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.test import Client
from django.utils import timezone

from skillquest.accounts import mailing
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import User
from skillquest.accounts.resets import token_for
from skillquest.accounts.sessions import end_sessions
from tests.accounts.api_calls import call, field_errors, problem, refused
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW = "a quite different horse"
INVALID = refused("invalid_reset_token", "This link is not valid, or is not valid any more. Ask for a new one.")


@pytest.fixture
def ana():
    return UserFactory(username="ana", email="Ana@example.test", display_name="Ana & <b>Lestari</b>")


def sent():
    """The mails, once all that was posted is on its way."""
    mailing.EXECUTOR.submit(lambda: None).result()
    return mail.outbox


def ask(email, **headers):
    answer = call("POST", "password/reset", {"email": email}, **headers)
    assert (answer.status_code, answer.content) == (204, b"")


def token_in(message):
    return re.search(r"https://quest.example/new-password/(\S+)", message.body)[1]


def confirm(token, new_password=NEW):
    return call("POST", "password/reset/confirm", {"token": token, "new_password": new_password})


def fresh_token(user):
    return token_for(User.objects.get(pk=user.pk))


# --- The mail ---------------------------------------------------------------------------------------------------------


def test_a_mail_with_a_link_goes_to_the_address_that_we_know(ana, security_log):
    ask("ANA@EXAMPLE.TEST")
    [message] = sent()
    assert (message.to, message.cc, message.bcc) == (["Ana@example.test"], [], [])
    assert message.subject == "A new password for SkillQuest"
    assert message.from_email == "SkillQuest <no-reply@localhost>"
    assert "Hello Ana & <b>Lestari</b>," in message.body
    assert f"password_reset_asked user={ana.pk}" in security_log()


def test_the_html_mail_says_the_same_and_escapes_names(ana):
    ask(ana.email)
    [message] = sent()
    [(html, kind)] = message.alternatives
    assert (kind, "Ana &amp; &lt;b&gt;Lestari" in html) == ("text/html", True)
    assert f'href="https://quest.example/new-password/{token_in(message)}"' in html


def test_unknown_and_deactivated_people_and_those_without_a_password_get_no_mail(ana):
    UserFactory(email="gone@example.test", is_active=False)
    bare = UserFactory(email="bare@example.test")
    bare.set_unusable_password()
    bare.save()
    for address in ("nobody@example.test", "gone@example.test", "bare@example.test"):
        ask(address)
    assert sent() == []


def test_people_without_an_address_are_never_found():
    UserFactory(email="")
    assert call("POST", "password/reset", {"email": ""}).status_code == 400
    assert sent() == []


def test_one_address_gets_three_mails_an_hour_and_the_same_answer_ever_after(ana, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "1000/m"}
    UserFactory(email="budi@example.test")
    at = timezone.now().replace(minute=30)
    with time_machine.travel(at, tick=False) as clock:
        for spelling in (
            "ana@example.test",
            "ANA@example.test",
            "Ana@Example.test",
            "ana@example.test",
            "ana@EXAMPLE.test",
        ):
            ask(spelling)
        assert len(sent()) == 3
        ask("budi@example.test")
        assert len(sent()) == 4
        clock.shift(timedelta(hours=2))
        ask("ana@example.test")
        assert len(sent()) == 5


def test_asking_for_a_reset_has_the_rate_limit_of_signing_in(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
    statuses = [call("POST", "password/reset", {"email": "a@example.test"}).status_code for _ in range(3)]
    assert statuses == [204, 204, 429]
    assert call("POST", "password/reset/confirm", {"token": "x", "new_password": NEW}).status_code == 429


class BrokenMailServer(BaseEmailBackend):
    def send_messages(self, messages):
        raise OSError(f"Cannot reach the server for {messages[0].to}")


def test_a_failure_of_the_mail_server_is_logged_and_the_answer_is_the_same(ana, settings, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.{BrokenMailServer.__name__}"
    ask(ana.email)
    ask("nobody@example.test")
    assert sent() == []
    assert "A mail could not be sent: OSError" in caplog.text
    assert "example.test" not in caplog.text


@pytest.mark.parametrize("headers", [{"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_HOST": "testserver:81"}])
def test_the_link_never_has_the_host_of_the_request(ana, settings, headers):
    settings.ALLOWED_HOSTS = ["*"]
    ask(ana.email, **headers)
    assert token_in(sent()[0])


def test_an_unknown_host_is_not_used_in_links(ana):
    assert call("POST", "password/reset", {"email": ana.email}, HTTP_HOST="evil.example").status_code == 400
    assert sent() == []


# --- The token --------------------------------------------------------------------------------------------------------


def test_a_reset_sets_a_new_password_and_ends_every_session(ana, tokens_of, security_log):
    pair, browser = tokens_of(ana), Client()
    browser.force_login(ana)
    generation = User.objects.get(pk=ana.pk).sign_in_generation
    ask(ana.email)
    answer = confirm(token_in(sent()[0]))
    assert (answer.status_code, answer.content) == (204, b"")
    user = User.objects.get(pk=ana.pk)
    assert (user.check_password(NEW), user.sign_in_generation) == (True, generation + 1)
    assert call("GET", "me", token=pair["access_token"]).status_code == 401
    assert call("POST", "refresh", {"refresh_token": pair["refresh_token"]}).status_code == 401
    assert browser.get("/api/v1/auth/me").status_code == 401
    assert call("POST", "login", {"username": "ana", "password": PASSWORD}).status_code == 401
    assert tokens_of(ana, NEW)
    assert f"password_reset user={ana.pk}" in security_log()


def test_a_reset_link_works_once(ana):
    token = fresh_token(ana)
    assert confirm(token).status_code == 204
    assert (confirm(token, "yet another horse").status_code, problem(confirm(token))) == (400, INVALID)
    assert User.objects.get(pk=ana.pk).check_password(NEW)


def test_a_weak_password_is_refused_and_uses_nothing_up(ana):
    token = fresh_token(ana)
    assert problem(confirm(token, "password")) == field_errors(new_password=["This password is too common."])
    assert problem(confirm(token, "ana@example.test"))["errors"]["new_password"]
    assert confirm(token).status_code == 204


def test_using_one_reset_link_ends_the_others(ana):
    first, second = fresh_token(ana), fresh_token(ana)
    assert confirm(first).status_code == 204
    assert confirm(second).status_code == 400


FORGED = {
    "nothing": lambda _token: "-",
    "a word": lambda _token: "password",
    "no person": lambda token: token.partition("-")[2],
    "no time": lambda token: token.rpartition("-")[0],
    "a signature cut short": lambda token: token[:-1],
    "text after it": lambda token: f"{token}x",
    "twice": lambda token: f"{token}-{token}",
    "another person": lambda token: f"{int(token.partition('-')[0], 36) + 1}-{token.partition('-')[2]}",
    "nobody": lambda token: f"0-{token.partition('-')[2]}",
    "a person beyond any": lambda token: f"{'z' * 13}-{token.partition('-')[2]}",
    "a number too long": lambda token: f"{'z' * 40}-{token.partition('-')[2]}",
    "a person below zero": lambda token: f"-1-{token.partition('-')[2]}",
    "no ASCII": lambda token: f"é-{token}",
    "another time": lambda token: re.sub(r"-(\w)(\w+)-", r"-\1zzzzz-", token),
    "a time beyond any": lambda token: re.sub(r"-\w+-", f"-{'z' * 13}-", token),
    "no signature": lambda token: f"{token.rpartition('-')[0]}-",
    "another signature": lambda token: f"{token.rpartition('-')[0]}-{'0' * 32}",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_reset_token_is_refused(ana, forge):
    UserFactory()
    before = list(User.objects.order_by("pk").values())
    answer = confirm(forge(fresh_token(ana)))
    assert (answer.status_code, problem(answer)) == (400, INVALID)
    page = Client().get(f"/new-password/{forge(fresh_token(ana))}", follow=True)
    assert (page.status_code, "This link no longer works" in page.content.decode()) == (200, True)
    assert list(User.objects.order_by("pk").values()) == before


def test_a_reset_token_is_refused_for_another_person(ana):
    budi = UserFactory()
    mine, other = fresh_token(budi), fresh_token(ana)
    assert confirm(f"{other.partition('-')[0]}-{mine.partition('-')[2]}").status_code == 400


def an_hour_later(user):
    return time_machine.travel(timezone.now() + timedelta(hours=1, seconds=2))


def change_password(user):
    user.set_password("a quite different horse")
    user.save()


def sign_in(user):
    call("POST", "login", {"username": user.username, "password": PASSWORD})


def move_to_another_address(user):
    User.objects.filter(pk=user.pk).update(email="elsewhere@example.test")


def deactivate(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def leave_everywhere(user):
    end_sessions(user=user, at=timezone.now())


def leave_for_good(user):
    erase_person(user_id=user.pk, at=timezone.now())


ENDS = [an_hour_later, change_password, sign_in, move_to_another_address, deactivate, leave_everywhere, leave_for_good]


@pytest.mark.parametrize("end", ENDS, ids=[end.__name__ for end in ENDS])
def test_a_reset_token_expires(ana, end):
    token = fresh_token(ana)
    later = end(ana)
    with later or time_machine.travel(timezone.now()):
        answer = confirm(token)
    assert (answer.status_code, problem(answer)) == (400, INVALID)


def test_a_reset_token_is_valid_for_an_hour(ana):
    token = fresh_token(ana)
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert confirm(token).status_code == 204


def test_a_reset_ends_the_lock_after_failed_sign_ins(ana, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "1000/m")
    for name in ("ana", "ana@example.test"):
        for _ in range(10):
            call("POST", "login", {"username": name, "password": "wrong"})
    assert call("POST", "login", {"username": "ana", "password": PASSWORD}).status_code == 429
    assert confirm(fresh_token(ana)).status_code == 204
    for name in ("ana", "ANA@example.test"):
        assert call("POST", "login", {"username": name, "password": NEW}).status_code == 200
