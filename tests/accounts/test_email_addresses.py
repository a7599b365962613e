"""One mailbox, however its address is spelled."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from skillquest.accounts import mailing
from skillquest.accounts.email_addresses import normal_form
from skillquest.accounts.models import EMAIL_TAKEN, User
from tests.accounts.api_calls import call, field_errors, problem
from tests.factories import PASSWORD, StaffFactory, UserFactory

IN_UNICODE, IN_ASCII = "k@bücher.example", "k@xn--bcher-kva.example"
SPELLINGS = [
    IN_UNICODE,
    IN_ASCII,
    "K@BÜCHER.EXAMPLE",
    "K@XN--BCHER-KVA.example",
    "ｋ＠bücher.example",
    " k@bu\u0308cher.example ",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_an_address_has_one_normal_form(spelling):
    assert normal_form(spelling) == IN_ASCII


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("", ""),
        ("Ana@Example.ORG", "ana@example.org"),
        ("k@straße.example", "k@xn--strae-oqa.example"),
        ("k@strasse.example", "k@strasse.example"),
        ("k@i\u2764.example", "k@xn--i-7iq.example"),
        ("k@xn--i-7iq.example", "k@xn--i-7iq.example"),
        ("k@[192.0.2.1]", "k@[192.0.2.1]"),
        ("k@A_b.example", "k@a_b.example"),
        ("no address", "no address"),
        ("@", "@"),
    ],
)
def test_normal_forms(address, form):
    assert normal_form(address) == form


@given(st.text(max_size=300))
def test_the_normal_form_of_a_normal_form_is_itself(text):
    assert normal_form(normal_form(text)) == normal_form(text)


@pytest.mark.django_db
@pytest.mark.parametrize("first", [IN_UNICODE, IN_ASCII])
@pytest.mark.parametrize("second", [IN_UNICODE, IN_ASCII, "K@BÜCHER.example"])
class TestOneMailboxIsOneAccount:
    @pytest.fixture(autouse=True)
    def _first_account(self, first):
        assert call("POST", "register", account("first", first)).status_code == 201

    def test_at_the_api(self, second):
        answer = call("POST", "register", account("second", second))
        assert (answer.status_code, problem(answer)) == (400, field_errors(email=[EMAIL_TAKEN]))

    def test_on_the_page(self, client, second):
        answer = client.post("/sign-up", account("second", second))
        assert answer.context["form"].errors == {"email": [EMAIL_TAKEN]}

    def test_in_the_admin(self, client, second):
        client.force_login(StaffFactory())
        form = {"username": "second", "email": second, "usable_password": "true"}
        answer = client.post("/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD})
        assert answer.context["adminform"].form.errors == {"email": [EMAIL_TAKEN]}

    def test_on_the_command_line(self, second):
        with pytest.raises(CommandError, match=str(EMAIL_TAKEN)):
            call_command("createsuperuser", username="second", email=second, interactive=False)
        assert User.objects.count() == 1

    def test_signs_in(self, client, second):
        assert call("POST", "login", {"username": second, "password": PASSWORD}).status_code == 200
        assert client.post("/sign-in", {"identifier": second, "password": PASSWORD}).status_code == 302

    def test_gets_the_mail(self, first, second):
        call("POST", "password/reset", {"email": second})
        mailing.EXECUTOR.submit(lambda: None).result()
        assert [message.to for message in mail.outbox] == [[first]]


def account(username, email):
    return {"username": username, "email": email, "password": PASSWORD}


@pytest.mark.django_db
def test_an_address_changed_in_the_admin_signs_in_from_then_on(client):
    ana = UserFactory(username="ana", email="ana@example.test")
    client.force_login(StaffFactory())
    form = {"username": "ana", "email": IN_UNICODE, "language": "en", "is_active": "on"}
    assert client.post(f"/admin/accounts/user/{ana.pk}/change/", form).status_code == 302
    assert call("POST", "login", {"username": IN_ASCII, "password": PASSWORD}).status_code == 200
    assert call("POST", "login", {"username": "ana@example.test", "password": PASSWORD}).status_code == 401


@pytest.mark.django_db
def test_saving_the_address_alone_saves_its_normal_form_too():
    ana = UserFactory(username="ana")
    ana.email = IN_UNICODE
    ana.save(update_fields=["email"])
    assert User.objects.with_email(IN_ASCII).get() == ana


@pytest.mark.django_db
class TestMigrationOfExistingAccounts:
    @pytest.fixture
    def three(self):
        """Two accounts with one mailbox, and one without any, as they were before the migration."""
        older, newer = UserFactory(email=IN_UNICODE), UserFactory(email="other@example.test")
        User.objects.filter(pk=newer.pk).update(email=IN_ASCII)
        users = [older, newer, UserFactory(email="")]
        User.objects.update(email_normal_form="")
        migration = import_module("skillquest.accounts.migrations.0002_email_normal_form")
        migration.fill_in(apps, SimpleNamespace(connection=connection))
        return users

    @pytest.mark.usefixtures("three")
    def test_the_oldest_account_keeps_the_mailbox_and_nothing_is_lost(self):
        rows = User.objects.order_by("pk").values_list("email", "email_normal_form")
        assert list(rows) == [(IN_UNICODE, IN_ASCII), (IN_ASCII, None), ("", "")]

    def test_the_newer_account_signs_in_by_username_and_can_be_saved(self, three):
        _, newer, _ = three
        newer.refresh_from_db()
        newer.save()
        assert call("POST", "login", {"username": newer.username, "password": PASSWORD}).status_code == 200
        assert User.objects.with_email(IN_ASCII).get() == three[0]

    def test_the_log_names_the_newer_account(self, three, caplog):
        record = caplog.get_records("setup")[-1]
        assert record.getMessage().endswith(f"sign in by username only: {three[1].pk}")
