"""GET learners/{external_id}."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.models import LearnerProfile
from tests.factories import LevelFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .keys import make_pupil
from .learner_calls import Server, problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

AT = datetime(2026, 3, 9, 12, tzinfo=UTC)


def xp(threshold):
    return {"type": "xp", "threshold": threshold}


def play(person, days):
    for day in range(days):
        level = LevelFactory()
        at = AT - timedelta(days=days - 1 - day)
        complete_level(learner=person, claim=Claim(level.level_id, 850, 120), source="api", at=at)


@time_machine.travel(AT, tick=False)
def test_a_server_reads_what_the_learner_has():
    achievement = AchievementFactory(achievement_id="first_steps", name="First Steps", condition=xp(1), xp_reward=0)
    badge = BadgeFactory(name="Starter", condition=xp(1))
    person = make_pupil(display_name="Ana")
    play(person, 3)
    profile = LearnerProfile.objects.get(pk=person.pk)
    earned_at = AT - timedelta(days=2)
    answer = Server(scopes=["read"]).get()
    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "user_id": person.pk,
        "external_id": "pupil-1",
        "display_name": "Ana",
        "time_zone": "UTC",
        "language": "en",
        "kind": "member",
        "claimed": True,
        "created_at": "2020-01-01T00:00:00Z",
        "total_xp": profile.total_xp,
        "verified_xp": 0,
        "level": answer.json()["level"],
        "title": "Novice",
        "levels_completed": 3,
        "metrics": profile.counters,
        "streak": {
            "current_streak": 3,
            "longest_streak": 3,
            "last_activity_date": "2026-03-09",
            "freezes_available": profile.freezes_available,
            "total_active_days": 3,
            "at_risk": False,
            "today": "2026-03-09",
        },
        "achievements": [
            {
                "achievement_id": achievement.achievement_id,
                "name": "First Steps",
                "unlocked_at": earned_at.isoformat().replace("+00:00", "Z"),
            }
        ],
        "badges": [
            {
                "id": badge.pk,
                "name": "Starter",
                "icon_url": badge.icon_url,
                "awarded_at": earned_at.isoformat().replace("+00:00", "Z"),
            }
        ],
    }
    assert profile.total_xp > 0


def statements(server):
    with CaptureQueriesContext(connection) as queries:
        assert server.get().status_code == 200
    return len(queries)


@time_machine.travel(AT, tick=False)
def test_the_statements_do_not_grow_with_the_history():
    person, server = make_pupil(), Server()
    server.get()  # notes the use of the key
    short = statements(server)
    for number in range(5):
        AchievementFactory(condition=xp(number + 1))
        BadgeFactory(condition=xp(number + 1))
    play(person, 12)
    assert statements(server) == short == 6


def test_a_learner_without_results_has_nothing():
    server = Server()
    server.put()
    answer = server.get().json()
    assert (answer["total_xp"], answer["level"], answer["achievements"], answer["badges"]) == (0, 1, [], [])
    assert answer["streak"]["current_streak"] == 0


def test_there_is_no_such_learner():
    assert problem(Server().get()) == (404, "learner_not_found", {})


@pytest.mark.parametrize("mode", ["live", "test"])
def test_a_key_reads_no_learner_of_the_other_mode_and_nobody_with_rights(mode):
    make_pupil("pupil-1", kind="member" if mode == "test" else "test")
    UserFactory(external_id="boss", is_staff=True)
    server = Server(mode=mode)
    assert problem(server.get())[:2] == problem(server.get("boss"))[:2] == (404, "learner_not_found")


def test_a_deactivated_learner_is_refused():
    make_pupil(is_active=False)
    assert problem(Server().get())[:2] == (409, "learner_deactivated")


@pytest.mark.parametrize("scopes", [["learners"], ["track"], ["award"]])
def test_reading_takes_the_scope_read(scopes):
    make_pupil()
    assert problem(Server(scopes=scopes).get())[:2] == (403, "scope_missing")


@pytest.mark.parametrize("call", ["put", "delete", "token", "claim_link"])
def test_everything_else_takes_the_scope_learners(call):
    make_pupil()
    assert problem(getattr(Server(scopes=["track", "read", "award"]), call)())[:2] == (403, "scope_missing")


def test_learners_cannot_use_these_addresses(learner_api, staff_api, api):
    make_pupil()
    for path in ("", "/token", "/claim-link"):
        method = "post" if path else "get"
        assert problem(getattr(learner_api, method)(f"/api/v1/learners/pupil-1{path}"))[0] == 403
        assert problem(getattr(staff_api, method)(f"/api/v1/learners/pupil-1{path}"))[0] == 403
        assert problem(getattr(api, method)(f"/api/v1/learners/pupil-1{path}"))[0] == 401
