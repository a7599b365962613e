"""GET users/{id}/progress: what others may see of a learner."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from gamification.models import MAX_TOTAL_XP
from gamification.staff.awards import award_badge, revoke_badge
from skillquest.accounts.services import change_account
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import BadgeFactory
from tests.security.test_largest_totals import carry_forward
from tracking.models import Completion
from tracking.recording.services import end_session, start_session

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def ana():
    return UserFactory(username="ana", display_name="Ana Lestari", email="ana@example.test")


@pytest.fixture
def challenge():
    return make_challenge()


def make_challenge(**fields):
    return LevelFactory(kind="challenge", max_score=100, pass_score=70, xp_rule="proportional", xp_reward=100, **fields)


def attempt(learner, level, score, *, ago=60):
    at = NOW - timedelta(seconds=ago)
    session, _ = start_session(learner=learner, level=level.level_id, resume=False, at=at - timedelta(seconds=60))
    end_session(learner=learner, session_id=session.pk, score=score, metadata={}, source="api", at=at)
    return session.pk


def look(api, learner):
    answer = api.get(f"/api/v1/users/{learner.pk}/progress")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_answer_has_all_fields(learner_api, ana, challenge):
    attempt(ana, challenge, 90)
    award_badge(learner_id=ana.pk, badge=BadgeFactory(), actor=StaffFactory(), at=NOW)
    session = ana.learning_sessions.get()
    assert look(learner_api, ana) == {
        "success": True,
        "user_id": ana.pk,
        "username": "Ana Lestari",
        "total_xp": 90,
        "level": 1,
        "next_level_xp": 100,
        "total_challenges_completed": 1,
        "total_badges": 1,
        "recent_attempts": [
            {
                "id": session.pk,
                "challenge_id": challenge.pk,
                "status": "passed",
                "score": 90,
                "xp_awarded": 90,
                "started_at": as_told(session.start_time),
                "submitted_at": as_told(session.end_time),
            }
        ],
    }


def as_told(moment):
    return moment.isoformat().replace("+00:00", "Z")


def test_the_answer_of_a_learner_without_results(learner_api, ana):
    assert look(learner_api, ana) == {
        "success": True,
        "user_id": ana.pk,
        "username": "Ana Lestari",
        "total_xp": 0,
        "level": 1,
        "next_level_xp": 100,
        "total_challenges_completed": 0,
        "total_badges": 0,
        "recent_attempts": [],
    }


def test_failed_attempts_are_shown_to_the_learner_only(sign_in, learner_api, ana, challenge):
    passed, failed = attempt(ana, challenge, 90, ago=120), attempt(ana, challenge, 40)
    assert [each["id"] for each in look(sign_in(ana), ana)["recent_attempts"]] == [failed, passed]
    assert [each["id"] for each in look(learner_api, ana)["recent_attempts"]] == [passed]


def test_the_last_five_attempts_are_shown_newest_first(learner_api, ana, challenge):
    made = [attempt(ana, challenge, 80, ago=1000 - 100 * number) for number in range(7)]
    assert [each["id"] for each in look(learner_api, ana)["recent_attempts"]] == made[:1:-1]


def test_a_challenge_passed_twice_is_one_and_other_levels_are_none(learner_api, ana, challenge):
    attempt(ana, challenge, 90, ago=300)
    attempt(ana, challenge, 100, ago=200)
    attempt(ana, make_challenge(), 40)
    attempt(ana, LevelFactory(), 900)
    shown = look(learner_api, ana)
    assert (shown["total_challenges_completed"], len(shown["recent_attempts"])) == (1, 2)


def test_held_attempts_do_not_count(learner_api, ana):
    attempt(ana, make_challenge(metadata={"min_seconds": 600}), 90)
    assert Completion.objects.get().held
    shown = look(learner_api, ana)
    assert (shown["total_challenges_completed"], shown["recent_attempts"]) == (0, [])


def test_badges_that_were_taken_back_do_not_count(learner_api, ana):
    badge, staff = BadgeFactory(), StaffFactory()
    award_badge(learner_id=ana.pk, badge=badge, actor=staff, at=NOW)
    revoke_badge(learner_id=ana.pk, badge=badge, actor=staff, at=NOW)
    assert look(learner_api, ana)["total_badges"] == 0


def test_at_the_highest_level_there_is_no_next(learner_api, ana):
    carry_forward(ana, MAX_TOTAL_XP)
    shown = look(learner_api, ana)
    assert (shown["level"], shown["next_level_xp"], shown["total_xp"]) == (100, None, MAX_TOTAL_XP)


def test_learners_who_opted_out_are_hidden_from_others_only(sign_in, learner_api, staff_api, ana):
    change_account(user=ana, changes={"leaderboard_opt_out": True}, at=NOW)
    assert look(sign_in(ana), ana)["username"] == "ana"
    for client in (learner_api, staff_api):
        answer = client.get(f"/api/v1/users/{ana.pk}/progress")
        assert (answer.status_code, answer.json()["code"]) == (404, "learner_not_found")
    change_account(user=ana, changes={"leaderboard_opt_out": False}, at=NOW)
    assert look(learner_api, ana)["username"] == "Ana Lestari"


def test_without_a_display_name_others_see_a_neutral_name(sign_in, learner_api):
    budi = UserFactory(username="budi")
    assert look(learner_api, budi)["username"] == f"Learner {budi.pk}"
    assert look(sign_in(budi), budi)["username"] == "budi"


@pytest.mark.parametrize("number", ["0", "999999999999999999", "9" * 19, "-1", "ana", "1.0", ""])
def test_an_unknown_learner_is_not_found(learner_api, number):
    assert learner_api.get(f"/api/v1/users/{number}/progress").status_code == 404


def test_anonymous_clients_get_401(api, ana):
    assert api.get(f"/api/v1/users/{ana.pk}/progress").status_code == 401


def test_the_answer_contains_nothing_private(learner_api, ana, challenge):
    attempt(ana, challenge, 90)
    change_account(user=ana, changes={"time_zone": "Asia/Jakarta", "language": "id"}, at=NOW)
    answer = learner_api.get(f"/api/v1/users/{ana.pk}/progress").content.decode()
    assert not [
        word for word in ('"ana"', "example.test", "Jakarta", "streak", "metadata", "language") if word in answer
    ]


def test_staff_without_a_profile_see_themselves(sign_in):
    staff = StaffFactory()
    client = sign_in(staff)
    staff.profile.delete()
    assert look(client, staff)["total_xp"] == 0


@pytest.mark.parametrize("attempts", [1, 4])
def test_as_many_statements_for_one_attempt_as_for_many(learner_api, ana, attempts, django_assert_num_queries):
    for number in range(attempts):
        attempt(ana, make_challenge(), 80, ago=100 * number + 100)
    award_badge(learner_id=ana.pk, badge=BadgeFactory(), actor=StaffFactory(), at=NOW)
    with time_machine.travel(timezone.now()), django_assert_num_queries(6):
        look(learner_api, ana)
