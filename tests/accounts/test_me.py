from datetime import UTC, datetime

import pytest

from gamification.models import LearnerProfile
from skillquest.accounts.models import User
from tests.accounts.api_calls import NOT_SIGNED_IN, call, field_errors, problem
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner():
    return UserFactory(
        username="ana",
        email="ana@example.test",
        display_name="Ana L.",
        date_joined=datetime(2026, 3, 1, tzinfo=UTC),
        profile__time_zone="Asia/Jakarta",
    )


def answer_of(learner, **changes):
    return {
        "success": True,
        "id": learner.pk,
        "username": "ana",
        "email": "ana@example.test",
        "display_name": "Ana L.",
        "time_zone": "Asia/Jakarta",
        "language": "en",
        "leaderboard_opt_out": False,
        "total_xp": 0,
        "level": 1,
        "title": "Novice",
        "created_at": "2026-03-01T00:00:00Z",
    } | changes


def test_me_answers_the_account_of_the_person(learner, learner_api):
    answer = learner_api.get("/api/v1/auth/me")
    assert (answer.status_code, answer.json()) == (200, answer_of(learner))


def test_me_without_credentials_is_401():
    answer = call("GET", "me")
    assert (answer.status_code, answer["WWW-Authenticate"], problem(answer)) == (401, "Bearer", NOT_SIGNED_IN)


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        ({}, {}),
        ({"display_name": "  Ana Lestari "}, {"display_name": "Ana Lestari"}),
        ({"display_name": "é" * 80}, {"display_name": "é" * 80}),
        ({"display_name": ""}, {"display_name": ""}),
        ({"time_zone": "Pacific/Kiritimati"}, {"time_zone": "Pacific/Kiritimati"}),
        ({"language": "id"}, {"language": "id"}),
        ({"leaderboard_opt_out": True}, {"leaderboard_opt_out": True}),
        (
            {"language": "id", "time_zone": "UTC", "leaderboard_opt_out": True, "display_name": "A"},
            {"language": "id", "time_zone": "UTC", "leaderboard_opt_out": True, "display_name": "A"},
        ),
    ],
)
def test_a_change_is_answered_and_kept(learner, learner_api, sent, changed):
    answer = learner_api.patch("/api/v1/auth/me", sent)
    assert (answer.status_code, answer.json()) == (200, answer_of(learner, **changed))
    assert learner_api.get("/api/v1/auth/me").json() == answer_of(learner, **changed)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "asia/jakarta", "localtime", "../UTC", "+07:00"])
def test_only_iana_zones_are_taken(learner, learner_api, zone):
    answer = learner_api.patch("/api/v1/auth/me", {"time_zone": zone, "display_name": "changed"})
    assert (answer.status_code, list(problem(answer)["errors"])) == (400, ["time_zone"])
    assert learner_api.get("/api/v1/auth/me").json() == answer_of(learner)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "a" * 81),
        ("display_name", "two\nlines"),
        ("display_name", "\u202eana"),
        ("display_name", 5),
        ("display_name", None),
        ("language", "fr"),
        ("language", ""),
        ("leaderboard_opt_out", "true"),
        ("leaderboard_opt_out", 1),
        ("leaderboard_opt_out", None),
        ("time_zone", None),
        ("total_xp", 1_000_000),
        ("email", "other@example.test"),
        ("username", "other"),
        ("is_staff", True),
        ("id", 1),
    ],
)
def test_anything_else_is_refused(learner, learner_api, field, value):
    before = User.objects.filter(pk=learner.pk).values().get(), LearnerProfile.objects.values().get()
    answer = learner_api.patch("/api/v1/auth/me", {field: value})
    assert (answer.status_code, list(problem(answer)["errors"])) == (400, [field])
    assert (User.objects.filter(pk=learner.pk).values().get(), LearnerProfile.objects.values().get()) == before


def test_anonymous_visitors_change_nothing():
    assert call("PATCH", "me", {"display_name": "x"}).status_code == 401


def test_people_created_in_the_admin_need_no_profile(tokens_of):
    person = User.objects.create_superuser("boss", "boss@example.test", "correct horse battery staple")
    answer = call("GET", "me", token=tokens_of(person)["access_token"])
    assert (answer.status_code, answer.json()["level"]) == (200, 1)
    assert call("PATCH", "me", {"time_zone": "UTC"}, token=tokens_of(person)["access_token"]).status_code == 200


def test_the_error_for_an_unknown_zone_gives_an_example(learner_api):
    answer = learner_api.patch("/api/v1/auth/me", {"time_zone": "Jakarta"})
    assert problem(answer) == field_errors(time_zone=["This is not an IANA time zone, such as Asia/Jakarta."])
