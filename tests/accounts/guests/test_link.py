"""POST auth/link."""

from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from skillquest.accounts.models import GuestDevice, GuestLink, User
from tests.accounts.api_calls import INVALID_CREDENTIALS, INVALID_TOKEN, NOT_SIGNED_IN, call, problem
from tests.factories import PASSWORD, LevelFactory, UserFactory
from tracking.models import Completion

pytestmark = pytest.mark.django_db
NEW = {"username": "ana", "email": "ana@example.test", "password": PASSWORD}


class Device:
    """A guest on a device, with its token."""

    def __init__(self):
        self.device_id = str(uuid4())
        self.token = call("POST", "guest", {"device_id": self.device_id}).json()["access_token"]
        self.user = User.objects.get(guest_device__isnull=False, pk=self.me()["id"])

    def me(self, token=None):
        return call("GET", "me", token=token or self.token).json()

    def link(self, **body):
        return call("POST", "link", body, token=self.token)

    def play(self, token=None, **more):
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {token or self.token}")
        body = {"level_id": "one", "score": 900, "time_spent": 60, "client_event_id": str(uuid4()), **more}
        return api.post("/api/v1/levels/complete", body, format="json")


@pytest.fixture
def device(db):
    LevelFactory(level_id="one")
    return Device()


@pytest.fixture
def account(db):
    return UserFactory(username="bo")


def existing(account, password=PASSWORD):
    return {"identifier": account.username, "password": password}


class TestFullAccount:
    def test_the_guest_becomes_a_member_with_all_it_has(self, device):
        device.play()
        answer = device.link(**NEW)
        body = answer.json()
        assert answer.status_code == 200
        assert {name: body[name] for name in ("guest", "merged", "user_id", "token_type")} == {
            "guest": False,
            "merged": False,
            "user_id": device.user.pk,
            "token_type": "bearer",
        }
        me = device.me(body["access_token"])
        assert (me["username"], me["email"], me["total_xp"]) == ("ana", "ana@example.test", 19)
        profile = LearnerProfile.objects.get(pk=device.user.pk)
        assert (profile.kind, profile.listed) == ("member", True)
        assert call("POST", "login", {"username": "ana", "password": PASSWORD}).status_code == 200

    def test_the_tokens_of_the_guest_have_ended(self, device):
        device.link(**NEW)
        assert problem(call("GET", "me", token=device.token)) == INVALID_TOKEN

    def test_the_device_begins_with_a_new_guest(self, device):
        device.link(**NEW)
        again = call("POST", "guest", {"device_id": device.device_id}).json()
        assert device.me(again["access_token"])["id"] != device.user.pk

    def test_sent_again_it_changes_nothing_and_answers_the_same(self, device):
        first = device.link(**NEW).json()
        second = device.link(**NEW).json()
        tokens = ("access_token", "refresh_token")
        assert {**first, **dict.fromkeys(tokens)} == {**second, **dict.fromkeys(tokens)}
        assert all(first[name] != second[name] for name in tokens)
        assert device.me(second["access_token"])["username"] == "ana"
        assert GuestLink.objects.count() == 1

    def test_sent_again_with_another_password_it_is_a_refused_sign_in(self, device):
        device.link(**NEW)
        assert problem(device.link(**NEW | {"password": "a wrong horse"})) == INVALID_CREDENTIALS

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"username": "bo"}, "username"),
            ({"username": "BO"}, "username"),
            ({"email": "bo@EXAMPLE.test"}, "email"),
            ({"password": "password"}, "password"),
            ({"username": "a b"}, "username"),
        ],
    )
    @pytest.mark.usefixtures("account")
    def test_names_are_checked_as_for_a_registration(self, device, change, field):
        answer = device.link(**NEW | change)
        assert answer.status_code == 400
        assert set(answer.json()["errors"]) == {field}
        assert LearnerProfile.objects.get(pk=device.user.pk).kind == "guest"
        assert device.me()["id"] == device.user.pk


class TestExistingAccount:
    def test_the_account_gets_everything_and_the_guest_is_erased(self, device, account):
        device.play()
        answer = device.link(**existing(account))
        body = answer.json()
        assert answer.status_code == 200
        assert (body["guest"], body["merged"], body["user_id"]) == (False, True, account.pk)
        assert device.me(body["access_token"])["total_xp"] == 19
        guest = LearnerProfile.objects.get(pk=device.user.pk)
        assert (guest.total_xp, guest.erased_at is not None) == (0, True)
        assert Completion.objects.get().learner == account
        assert find_mismatches() == []

    def test_an_old_event_gets_its_answer_and_no_second_payment(self, device, account):
        event_id = str(uuid4())
        first = device.play(client_event_id=event_id).json()
        token = device.link(**existing(account)).json()["access_token"]
        again = device.play(token, client_event_id=event_id).json()
        assert again["is_new_completion"] is False
        assert (again["awarded_xp"], again["xp_breakdown"]) == (first["awarded_xp"], first["xp_breakdown"])
        assert LearnerProfile.objects.get(pk=account.pk).total_xp == 19

    def test_a_level_that_both_have_played_is_paid_once(self, device, account, sign_in):
        device.play()
        device.play(sign_in(account)._credentials["HTTP_AUTHORIZATION"].split()[1], score=950)
        device.link(**existing(account))
        assert LearnerProfile.objects.get(pk=account.pk).total_xp == 19
        assert [line.delta for line in LedgerEntry.objects.filter(learner=account).order_by("sequence")] == [
            19,
            19,
            -19,
        ]

    def test_sent_again_it_changes_nothing_and_answers_the_same(self, device, account):
        device.play()
        first = device.link(**existing(account)).json()
        lines = LedgerEntry.objects.count()
        second = device.link(**existing(account)).json()
        tokens = ("access_token", "refresh_token")
        assert {**first, **dict.fromkeys(tokens)} == {**second, **dict.fromkeys(tokens)}
        assert device.me(second["access_token"])["total_xp"] == 19
        assert LedgerEntry.objects.count() == lines

    def test_a_linked_guest_is_linked_to_nobody_else(self, device, account):
        device.link(**existing(account))
        answer = device.link(**existing(UserFactory(username="eve")))
        assert (answer.status_code, answer.json()["code"]) == (409, "already_linked")

    def test_a_linked_guest_does_nothing_else(self, device, account):
        device.link(**existing(account))
        assert problem(call("GET", "me", token=device.token)) == INVALID_TOKEN
        assert device.play().status_code == 401

    def test_the_device_begins_with_a_new_guest(self, device, account):
        device.link(**existing(account))
        again = call("POST", "guest", {"device_id": device.device_id}).json()
        assert device.me(again["access_token"])["id"] not in (device.user.pk, account.pk)
        assert not GuestDevice.objects.filter(user=account).exists()

    def test_wrong_passwords_unknown_names_and_deactivated_accounts_have_one_answer(self, device, account):
        gone = UserFactory(username="gone", is_active=False)
        bodies = [existing(account, "a wrong horse"), {"identifier": "nobody", "password": PASSWORD}, existing(gone)]
        answers = [device.link(**body) for body in bodies]
        assert [problem(answer) for answer in answers] == [INVALID_CREDENTIALS] * 3
        assert LearnerProfile.objects.get(pk=device.user.pk).erased_at is None

    @pytest.mark.usefixtures("_limits_are_on")
    def test_failures_count_as_those_of_a_sign_in(self, device, account, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "1000/m", "sign_in": "1000/m"}
        for _ in range(10):
            assert device.link(**existing(account, "a wrong horse")).status_code == 401
        assert device.link(**existing(account)).json()["code"] == "sign_in_locked"
        login = call("POST", "login", {"username": account.username, "password": PASSWORD})
        assert login.json()["code"] == "sign_in_locked"

    @pytest.mark.usefixtures("_limits_are_on")
    def test_attempts_use_up_the_budget_of_the_name_for_all_guests(self, account, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "2/m"}
        guests = [Device() for _ in range(3)]
        codes = [guest.link(**existing(account, "a wrong horse")).status_code for guest in guests]
        assert codes == [401, 401, 429]

    @pytest.mark.usefixtures("_limits_are_on")
    def test_many_guests_have_the_budget_of_one_address(self, settings):
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"sign_in": "4/m"}
        guests = [Device() for _ in range(2)]
        bodies = [{"identifier": f"name{n}", "password": "x"} for n in range(3)]
        codes = [guests[n % 2].link(**body).status_code for n, body in enumerate(bodies)]
        assert codes == [401, 401, 429]

    def test_test_learners_take_over_nothing(self, device):
        account = UserFactory(username="test", profile__kind="test")
        answer = device.link(**existing(account))
        assert (answer.status_code, answer.json()["code"]) == (409, "account_not_linkable")


class TestWho:
    def test_nobody_is_asked_to_sign_in(self):
        assert problem(call("POST", "link", NEW)) == NOT_SIGNED_IN

    def test_an_account_is_no_guest(self, account, tokens_of):
        token = tokens_of(account)["access_token"]
        for body in (NEW, existing(UserFactory())):
            answer = call("POST", "link", body, token=token)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_a_guest")
        account.refresh_from_db()
        assert account.username == "bo"

    @pytest.mark.parametrize(
        "body",
        [
            {"password": PASSWORD},
            {"username": "ana", "password": PASSWORD},
            {"email": "a@b.test", "password": PASSWORD},
            NEW | {"identifier": "bo"},
        ],
    )
    def test_halves_and_mixtures_of_both_forms_are_refused(self, device, body):
        assert device.link(**body).status_code == 400
        assert device.me()["id"] == device.user.pk
