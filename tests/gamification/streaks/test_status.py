"""GET streaks/status and POST streaks/update: complete answers and permissions."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.awards.activity import check_in
from gamification.models import Achievement, LedgerEntry
from tests.factories import UserFactory

from .day_patterns import FIRST, day, noon, profile_of

pytestmark = pytest.mark.django_db


def pattern_in(answer):
    """As text, `?` for none."""
    letters = {"active": "A", "frozen": "F", "pardoned": "P", "skipped": "s", "missed": ".", "none": "?"}
    dates = [each["date"] for each in answer["days"]]
    last = datetime.fromisoformat(answer["today"]).date()
    assert dates == [(last - timedelta(days=29 - n)).isoformat() for n in range(30)]
    return "".join(letters[each["status"]] for each in answer["days"])


def test_a_new_learner_has_no_streak_yet(ask):
    status, answer = ask("GET", "status", 1)
    assert pattern_in(answer) == 30 * "?"
    answer.pop("days")
    assert (status, answer) == (
        200,
        {
            "success": True,
            "current_streak": 0,
            "longest_streak": 0,
            "last_activity_date": None,
            "freezes_available": 3,
            "total_active_days": 0,
            "at_risk": False,
            "today": "2026-03-01",
        },
    )


def test_status_shows_the_streak_as_of_today(play, ask):
    for number in [1, 2, 5]:
        play(number)
    _, answer = ask("GET", "status", 6)
    assert pattern_in(answer) == 24 * "?" + "AAFFA?"
    answer.pop("days")
    assert answer == {
        "success": True,
        "current_streak": 3,
        "longest_streak": 3,
        "last_activity_date": "2026-03-05",
        "freezes_available": 1,
        "total_active_days": 3,
        "at_risk": True,
        "today": "2026-03-06",
    }


@pytest.mark.parametrize(
    ("number", "current", "at_risk", "pattern"),
    [(2, 2, False, "AA"), (3, 2, True, "AA?"), (6, 2, True, "AA...?"), (7, 0, False, "AA....?")],
)
def test_a_streak_is_alive_while_freezes_last(play, ask, number, current, at_risk, pattern):
    play(1)
    play(2)
    _, answer = ask("GET", "status", number)
    assert (answer["current_streak"], answer["at_risk"], pattern_in(answer)) == (
        current,
        at_risk,
        pattern.rjust(30, "?"),
    )
    assert (answer["longest_streak"], answer["freezes_available"]) == (2, 3)


def test_days_before_the_shown_dates_make_the_first_ones_missed(play, ask):
    play(1)
    assert pattern_in(ask("GET", "status", 31)[1]) == 29 * "." + "?"
    assert pattern_in(ask("GET", "status", 30)[1]) == "A" + 28 * "." + "?"


def test_a_check_in_answers_with_everything_it_did(ask):
    status, answer = ask("POST", "update", 1)
    assert pattern_in(answer) == 29 * "?" + "A"
    answer.pop("days")
    assert (status, answer) == (
        200,
        {
            "success": True,
            "action": "started",
            "current_streak": 1,
            "longest_streak": 1,
            "last_activity_date": "2026-03-01",
            "freezes_available": 3,
            "total_active_days": 1,
            "at_risk": False,
            "today": "2026-03-01",
            "unlocked_achievements": [],
            "unlocked_badges": [],
            "entries": [],
        },
    )
    assert ask("GET", "status", 1)[1].items() <= (answer | ask("POST", "update", 1)[1]).items()


def test_actions_are_started_maintained_increased_frozen_and_broken(ask):
    answers = [ask("POST", "update", number)[1] for number in [1, 1, 2, 4, 20, 20, 21]]
    assert [(answer["action"], answer["current_streak"]) for answer in answers] == [
        ("started", 1),
        ("maintained", 1),
        ("increased", 2),
        ("frozen", 3),
        ("broken", 1),
        ("maintained", 1),
        ("increased", 2),
    ]


def test_a_check_in_may_unlock_what_a_streak_unlocks(ask):
    Achievement.objects.create(
        achievement_id="two-days",
        name="Two days",
        category="streaks",
        xp_reward=20,
        condition={"type": "consecutive_days", "days": 2},
    )
    ask("POST", "update", 1)
    answer = ask("POST", "update", 2)[1]
    assert answer["unlocked_achievements"] == [
        {"achievement_id": "two-days", "name": "Two days", "icon": "bi-trophy", "rarity": "common", "xp_reward": 20}
    ]
    assert answer["entries"] == [{"reason": "achievement", "delta": 20, "balance_after": 20}]
    assert ask("POST", "update", 2)[1]["unlocked_achievements"] == []
    assert LedgerEntry.objects.count() == 1


CALLS = [("GET", "status"), ("POST", "update"), ("POST", "freeze")]


@pytest.mark.parametrize(("method", "call"), CALLS)
def test_an_anonymous_request_is_refused(api, method, call):
    assert api.generic(method, f"/api/v1/gamification/streaks/{call}").status_code == 401


@pytest.mark.parametrize("path", ["/api/gamification/streaks/status/", "/api/v1/gamification/streaks/status/"])
def test_both_prefixes_work_with_and_without_a_slash(learner_api, path):
    assert learner_api.get(path).status_code == 200


@pytest.mark.parametrize(("method", "call"), [("POST", "status"), ("GET", "update"), ("GET", "freeze")])
def test_other_methods_are_refused(learner_api, method, call):
    assert learner_api.generic(method, f"/api/v1/gamification/streaks/{call}").status_code == 405


@pytest.mark.parametrize("call", ["update", "freeze"])
def test_the_posts_accept_no_field_but_the_learners_own_id(learner, learner_api, call):
    path = f"/api/v1/gamification/streaks/{call}"
    refused = learner_api.post(path, {"date": "2026-03-01"})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["date"])
    assert learner_api.post(path, {"user_id": learner.pk + 1}).status_code == 400
    assert profile_of(learner).last_day is None
    check_in(learner.pk, at=timezone.now())
    for body in [{}, {"user_id": learner.pk}]:
        assert learner_api.post(path, body).status_code == 200


def test_a_check_in_changes_no_other_learner(sign_in, ask, learner):
    other = UserFactory()
    ask("POST", "update", 1)
    assert profile_of(other).active_days == 0


def test_staff_without_a_profile_get_an_answer(sign_in, time_machine):
    from skillquest.accounts.models import User

    time_machine.move_to(noon(1), tick=False)
    boss = User.objects.create_superuser("boss", "boss@example.test", "correct horse battery staple")
    client = sign_in(boss)
    assert client.get("/api/v1/gamification/streaks/status").json()["current_streak"] == 0
    assert client.post("/api/v1/gamification/streaks/update").json()["current_streak"] == 1


def test_status_costs_the_same_after_1_and_300_days(learner, learner_api, time_machine):
    time_machine.move_to(noon(1), tick=False)
    costs = []
    for days in [1, 300]:
        learner.activity_days.all().delete()
        learner.activity_days.model.objects.bulk_create(
            learner.activity_days.model(
                learner=learner, date=FIRST - timedelta(days=n), kind="active", recorded_at=noon(1)
            )
            for n in range(days)
        )
        with CaptureQueriesContext(connection) as captured:
            assert learner_api.get("/api/v1/gamification/streaks/status").status_code == 200
        costs.append(len(captured))
    assert costs == [3, 3]  # who asks, the profile, the days


def test_a_client_whose_clock_is_ahead_of_midnight_changes_nothing_about_today(play, ask, learner):
    play(1)
    evening = datetime(2026, 3, 2, 23, 58, tzinfo=UTC)
    answer = play(2, at=evening, occurred_at="2026-03-03T00:01:00Z")
    assert (answer["streak"]["action"], answer["streak"]["freezes_available"]) == ("frozen", 2)
    assert ask("GET", "status", 2, at=evening)[1]["at_risk"] is False
    today = play(2, at=evening)
    assert (today["streak"]["current_streak"], today["streak"]["freezes_available"]) == (3, 3)
    assert profile_of(learner).last_active_day == day(3)
