"""A person is erased while their other devices send requests: earlier requests count, and no data is restored.

On SQLite these pass by its one writer; the proof is the run on PostgreSQL.
"""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.exceptions import APIException

from approvals.services import approve
from gamification.ledger.audit import find_mismatches
from gamification.models import LearnerProfile, LedgerEntry
from gamification.staff.approvals import request_adjustment
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.models import AuthSession, User
from skillquest.accounts.resets import reset_password, token_for
from tests.accounts.personal_data import found
from tests.factories import PASSWORD, LevelFactory, StaffFactory, UserFactory
from tests.threads import at_once
from tracking.models import Completion, IdempotencyKey, LearningSession

pytestmark = pytest.mark.django_db(transaction=True)

MARK = "Xanthippe"
COMPLETE, START, END = "/api/v1/levels/complete", "/api/v1/sessions/start", "/api/v1/sessions/end"


@pytest.fixture
def person():
    return UserFactory(username=MARK, email=f"{MARK}@example.test", display_name=f"{MARK} of Athens")


@pytest.fixture
def request_by(person, sign_in):
    """`request_by("POST", path, body)` -> a function that sends the request by token and returns the status."""
    client = sign_in(person)

    def request_by(method, path, body, **headers):
        return lambda: getattr(client, method.lower())(path, body, headers=headers).status_code

    return request_by


def erase(person):
    def attempt():
        try:
            erase_person(user_id=person.pk, at=timezone.now())
        except APIException as refusal:
            return refusal.default_code
        return "erased"

    return attempt


def requests_of_every_kind(request_by, person):
    levels = [LevelFactory(kind="mode").level_id for _ in range(3)]
    session = LearningSession.objects.create(learner=person, level=LevelFactory(), start_time=timezone.now())
    metadata = {"client_version": MARK, "language": "en"}
    completions = [
        {"level_id": level, "score": 9, "client_event_id": str(uuid4()), "metadata": metadata} for level in levels
    ]
    browser = Client()
    browser.force_login(person)
    boss = Client()
    boss.force_login(StaffFactory())
    edited = {
        "username": MARK,
        "email": person.email,
        "display_name": f"{MARK} edited",
        "language": "en",
        "is_active": "on",
    }
    choices = {"display_name": f"{MARK} again", "time_zone": "UTC", "language": "id"}
    return [
        *(request_by("POST", COMPLETE, body) for body in completions),
        request_by(
            "POST", COMPLETE, {"level_id": levels[0], "score": 7, "metadata": metadata}, **{"Idempotency-Key": MARK}
        ),
        request_by("POST", END, {"session_id": session.pk, "score": 5, "metadata": metadata}),
        request_by("POST", "/api/v1/gamification/streaks/update", {}),
        request_by("PATCH", "/api/v1/auth/me", {"display_name": f"{MARK} once more"}),
        request_by(
            "POST", "/api/v1/auth/password", {"old_password": PASSWORD, "new_password": "a quite different horse"}
        ),
        lambda: browser.post("/profile", choices).status_code,
        lambda: boss.post(f"/admin/accounts/user/{person.pk}/change/", edited).status_code,
        lambda: Client().post("/sign-in", {"identifier": MARK, "password": PASSWORD}).status_code,
    ]


@pytest.mark.parametrize("_round", range(4))
def test_simultaneous_requests_restore_nothing(request_by, person, _round):
    statuses = at_once([*requests_of_every_kind(request_by, person), erase(person)])
    assert statuses.pop() == "erased"
    assert set(statuses) <= {200, 204, 302, 400, 401, 403, 409, 410}, statuses
    assert found(MARK) == {}
    user = User.objects.get(pk=person.pk)
    assert (user.display_name, user.is_active, user.has_usable_password()) == ("", False, False)
    assert not IdempotencyKey.objects.exists()
    assert not AuthSession.objects.filter(user=person).exists()
    assert not LearningSession.objects.open().exists()
    # Each completion that was accepted is stored and paid.
    assert Completion.objects.filter(learner=person).count() == statuses[:5].count(200)
    assert LedgerEntry.objects.filter(learner=person).count() >= statuses[:4].count(200)
    assert find_mismatches() == []


def test_what_staff_write_at_the_same_moment_goes_too(person):
    boss = Client()
    boss.force_login(StaffFactory())
    form = {"amount": 5, "_apply": "5", "reason": f"For {MARK}", "note": f"{MARK} won.", "reference_id": MARK}

    def adjust():
        return boss.post(f"/admin/gamification/learnerprofile/{person.pk}/adjust/", form).status_code

    for _ in range(3):
        status, outcome = at_once([adjust, erase(person)])
        assert (status in {200, 302}, outcome in {"erased", "learner_erased"}) == (True, True)
        assert found(MARK) == {}


def test_afterwards_every_request_is_refused(request_by, person):
    requests = requests_of_every_kind(request_by, person)
    erase(person)()
    assert [send() for send in requests] == [*[401] * 8, 302, 403, 200]  # the pages redirect or refuse
    assert not Completion.objects.exists()


def test_a_change_of_name_does_not_deadlock_with_completions(request_by, person):
    """Both want the person and the profile, and would deadlock if names were keys."""
    level = LevelFactory(kind="mode").level_id

    def rename():
        user = User.objects.get(pk=person.pk)
        user.username = f"{MARK}{uuid4().hex[:8]}"
        user.save()
        return "renamed"

    for _ in range(4):
        completions = [{"level_id": level, "score": 9, "client_event_id": str(uuid4())} for _ in range(5)]
        answers = at_once([rename, *(request_by("POST", COMPLETE, body) for body in completions), rename])
        assert answers == ["renamed", *[200] * 5, "renamed"]


def test_of_many_who_erase_at_once_one_does(person):
    assert sorted(at_once([erase(person)] * 4)) == ["erased", *["learner_erased"] * 3]


def test_an_approval_at_the_same_moment_is_paid_before_or_not_at_all(person):
    adjustment = request_adjustment(
        learner_id=person.pk,
        amount=5_000,
        reason="r",
        note=MARK,
        reference_id="x",
        actor=StaffFactory(),
        at=timezone.now(),
    )
    boss = StaffFactory()

    def attempt():
        try:
            return approve(adjustment.pk, actor=boss, at=timezone.now()).status
        except APIException as refusal:
            return refusal.default_code

    outcome, _ = at_once([attempt, erase(person)])
    adjustment.refresh_from_db()
    assert (outcome, adjustment.status) in {("approved", "approved"), ("already_decided", "declined")}
    assert LearnerProfile.objects.get(pk=person.pk).total_xp == (5_000 if outcome == "approved" else 0)
    assert found(MARK) == {}


def test_a_reset_at_the_same_moment_does_not_let_the_person_in(person, rf):
    token, request = token_for(User.objects.get(pk=person.pk)), rf.get("/")

    def reset():
        try:
            reset_password(token=token, new_password="a quite different horse", at=timezone.now(), request=request)
        except APIException as refusal:
            return refusal.default_code
        return "reset"

    outcome, _ = at_once([reset, erase(person)])
    assert outcome in {"reset", "invalid_reset_token"}
    user = User.objects.get(pk=person.pk)
    assert (user.is_active, user.has_usable_password()) == (False, False)


def test_a_token_sets_one_password_however_many_use_it(person, rf):
    token, request = token_for(User.objects.get(pk=person.pk)), rf.get("/")

    def reset(number):
        def attempt():
            try:
                reset_password(
                    token=token, new_password=f"a horse of number {number}", at=timezone.now(), request=request
                )
            except APIException as refusal:
                return refusal.default_code
            return number

        return attempt

    outcomes = at_once([reset(number) for number in range(6)])
    [winner] = [each for each in outcomes if each != "invalid_reset_token"]
    assert User.objects.get(pk=person.pk).check_password(f"a horse of number {winner}")
