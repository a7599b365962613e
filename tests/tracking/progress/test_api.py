"""GET sessions/progress and levels/progress: whole answers, few statements."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from levels.models import Level
from levels.services import save_level
from tests.factories import LevelFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


def statements(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_progress_of_a_newcomer(learner_api, level):
    assert learner_api.get("/api/v1/levels/progress").json() == {
        "success": True,
        "summary": {
            "total_levels": 1,
            "completed_levels": 0,
            "completion_percentage": 0,
            "total_xp": 0,
            "level": 1,
            "title": "Novice",
        },
        "levels": [
            {
                "level_id": "level-3",
                "name": "Malware Mayhem",
                "status": "unlocked",
                "best_score": None,
                "best_max_score": None,
                "best_time": None,
                "completions": 0,
                "awarded_xp": 0,
                "first_completed_at": None,
                "last_completed_at": None,
                "missing": [],
            }
        ],
        "next": None,
        "previous": None,
    }


def test_progress_sums_up_each_level(learner_api, complete, level, time_machine):
    second = LevelFactory(level_id="second", name="Second", category="Z", prerequisites=[level])
    LevelFactory(level_id="third", name="Third", category="Z", prerequisites=[second])
    LevelFactory(level_id="hidden", published=False)
    LevelFactory(level_id="arena", kind="mode")
    complete(score=850, time_spent=120)
    time_machine.shift(60)
    complete(score=900, time_spent=200)
    answer = learner_api.get("/api/v1/levels/progress").json()
    assert answer["summary"] == {
        "total_levels": 3,
        "completed_levels": 1,
        "completion_percentage": 33,
        "total_xp": 24,
        "level": 1,
        "title": "Novice",
    }
    assert answer["levels"][0] == {
        "level_id": "level-3",
        "name": "Malware Mayhem",
        "status": "completed",
        "best_score": 900,
        "best_max_score": 1000,
        "best_time": 120,
        "completions": 2,
        "awarded_xp": 24,
        "first_completed_at": "2026-11-20T10:00:00Z",
        "last_completed_at": "2026-11-20T10:01:00Z",
        "missing": [],
    }
    assert [(line["level_id"], line["status"], line["missing"]) for line in answer["levels"][1:]] == [
        ("second", "unlocked", []),
        ("third", "locked", [{"level_id": "second", "name": "Second"}]),
    ]


def test_a_failed_try_is_no_completion(learner_api, complete):
    LevelFactory(level_id="level-3", pass_score=500)
    complete(score=499, time_spent=10)
    line = learner_api.get("/api/v1/levels/progress").json()["levels"][0]
    assert (line["status"], line["best_score"], line["best_time"], line["completions"], line["awarded_xp"]) == (
        "unlocked",
        499,
        None,
        1,
        0,
    )


def test_levels_progress_takes_the_filters_of_levels(learner_api, level):
    LevelFactory(level_id="other", category="Other")
    answer = learner_api.get("/api/v1/levels/progress?category=Other").json()
    assert [line["level_id"] for line in answer["levels"]] == ["other"]


def test_levels_progress_costs_the_same_whatever_there_is(learner_api, complete, level):
    one = statements(learner_api, "/api/v1/levels/progress")
    for _ in range(20):
        LevelFactory(prerequisites=[level])
    for score in [1, 2, 3]:
        complete(score=score)
    paths = ["/api/v1/levels/progress", "/api/v1/levels/progress?limit=2"]
    assert (one, *(statements(learner_api, path) for path in paths)) == (8, 8, 8)


def test_levels_progress_comes_in_pages_with_a_summary_of_all_levels(learner_api, complete, level):
    for number in range(1, 5):
        LevelFactory(level_id=f"more-{number}", number=100 + number)
    LevelFactory(level_id="arena", kind="mode")
    complete(level_id="more-4", score=1)
    pages = [learner_api.get("/api/v1/levels/progress?limit=2").json()]
    while pages[-1]["next"]:
        pages.append(learner_api.get(pages[-1]["next"]).json())
    assert [[row["level_id"] for row in page["levels"]] for page in pages] == [
        ["level-3", "more-1"],
        ["more-2", "more-3"],
        ["more-4"],
    ]
    assert [(page["summary"]["total_levels"], page["summary"]["completed_levels"]) for page in pages] == [(5, 1)] * 3
    before = learner_api.get(pages[1]["previous"]).json()
    assert ([row["level_id"] for row in before["levels"]], before["previous"]) == (["level-3", "more-1"], None)


def test_levels_progress_without_a_limit_has_500_levels_and_never_more(learner_api, db):
    Level.objects.bulk_create(LevelFactory.build(repeat_policy="full") for _ in range(501))
    pages = [learner_api.get(f"/api/v1/levels/progress{query}").json() for query in ["", "?limit=100000"]]
    assert [len(page["levels"]) for page in pages] == [500, 500]
    assert all(page["next"] and page["summary"]["total_levels"] == 501 for page in pages)


def test_a_limit_that_is_no_number_is_refused(learner_api, level):
    answer = learner_api.get("/api/v1/levels/progress?limit=0")
    assert (answer.status_code, answer.json()["errors"]) == (400, {"limit": ["A whole number from 1 to 500."]})


def test_the_best_result_is_shown_with_the_maximum_that_it_was_reached_under(learner_api, complete, level):
    complete(score=850)
    level.max_score = 100
    level.save()
    row = learner_api.get("/api/v1/levels/progress").json()["levels"][0]
    assert (row["best_score"], row["best_max_score"]) == (850, 1000)
    complete(score=90)
    row = learner_api.get("/api/v1/levels/progress").json()["levels"][0]
    assert (row["best_score"], row["best_max_score"], row["completions"]) == (90, 100, 2)


@pytest.mark.parametrize("closed", [{"unlocked": False}, {"coming_soon": True}, {"prerequisites": ["other"]}], ids=str)
def test_a_completed_level_stays_completed_and_available_when_it_is_closed(learner_api, complete, level, closed):
    LevelFactory(level_id="other", number=900)
    complete(score=850)
    save_level(level=level, fields=closed, prerequisites=closed.pop("prerequisites", None))
    row = learner_api.get("/api/v1/levels/progress").json()["levels"][0]
    assert (row["level_id"], row["status"], row["missing"]) == ("level-3", "completed", [])
    explained = learner_api.get("/api/v1/gamification/explain/level/level-3").json()
    assert (explained["available"], explained["reason"], explained["road"]) == (True, None, [])
    assert complete(score=900).status_code == 200


@pytest.mark.usefixtures("unlimited")
def test_sessions_progress_shows_active_and_ended_ones(learner_api, level, time_machine):
    first = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    time_machine.shift(30)
    learner_api.post("/api/v1/sessions/end", {"session_id": first, "score": 850})
    second = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    assert learner_api.get("/api/v1/sessions/progress").json() == {
        "success": True,
        "summary": {
            "total_sessions": 2,
            "completed_sessions": 1,
            "active_sessions": 1,
            "total_time_spent": 30,
            "total_xp": 23,
            "level": 1,
            "title": "Novice",
        },
        "active_sessions": [
            {
                "session_id": second,
                "session_name": "Malware Mayhem",
                "level_id": "level-3",
                "start_time": "2026-11-20T10:00:30Z",
            }
        ],
        "results": [
            {
                "session_id": first,
                "session_name": "Malware Mayhem",
                "level_id": "level-3",
                "start_time": "2026-11-20T10:00:00Z",
                "end_time": "2026-11-20T10:00:30Z",
                "status": "ended",
                "score": 850,
                "time_spent": 30,
                "awarded_xp": 23,
            }
        ],
        "next": None,
        "previous": None,
    }


def test_sessions_progress_pages_newest_first_at_a_constant_cost(learner_api, level, time_machine):
    ended = []
    for _ in range(3):
        time_machine.shift(10)
        ended.append(learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"])
        learner_api.post("/api/v1/sessions/end", {"session_id": ended[-1]})
    page = learner_api.get("/api/v1/sessions/progress?limit=2").json()
    rest = learner_api.get(page["next"]).json()
    pages = [[line["session_id"] for line in part["results"]] for part in [page, rest]]
    assert (pages, rest["next"]) == ([[ended[2], ended[1]], [ended[0]]], None)
    costs = {statements(learner_api, f"/api/v1/sessions/progress?limit={limit}") for limit in [1, 3]}
    assert costs == {7}


def test_progress_shows_only_the_own_results(learner_api, complete, level, sign_in):
    complete(score=850, client_event_id=str(uuid4()))
    other = sign_in(UserFactory())
    assert other.get("/api/v1/levels/progress").json()["summary"]["completed_levels"] == 0
    assert other.get("/api/v1/sessions/progress").json()["results"] == []


@pytest.mark.parametrize("path", ["levels/progress", "sessions/progress", "xp/history", "gamification/xp/level"])
def test_anonymous_clients_get_401(api, db, path):
    assert api.get(f"/api/v1/{path}").status_code == 401
