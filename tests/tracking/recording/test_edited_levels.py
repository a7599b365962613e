"""Levels that staff edit after somebody has played them, or while a result of them is on its way."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile
from levels.models import Level
from levels.services import save_level, set_prerequisites
from tests.factories import LevelFactory
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion

pytestmark = pytest.mark.django_db

COMPLETE, START, END = "/api/v1/levels/complete", "/api/v1/sessions/start", "/api/v1/sessions/end"
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


def before_now(minutes):
    return (timezone.now() - minutes * MINUTE).isoformat()


def edit(level_id="level-3", **fields):
    save_level(level=Level.objects.get(level_id=level_id), fields=fields, confirmed=True)


def categories_counted():
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []
    return LearnerProfile.objects.get().counters["categories_completed"]


def test_a_level_completed_again_under_another_category_counts_no_second_category(complete, level, time_machine):
    complete(score=700)
    edit(category="Malware")
    time_machine.shift(60)
    assert complete(score=800).status_code == 200
    assert categories_counted() == 1


def test_the_end_of_a_session_counts_no_renamed_category_either(learner_api, complete, level):
    complete(score=700)
    edit(category="Malware")
    session_id = learner_api.post(START, {"level_id": "level-3"}).json()["session_id"]
    assert learner_api.post(END, {"session_id": session_id, "score": 900}).status_code == 200
    assert categories_counted() == 1


def test_a_batch_counts_no_renamed_category_either(learner_api, complete, level):
    LevelFactory(level_id="other", category="Threat Detection")
    complete(score=700)
    edit(category="Malware")
    edit("other", category="Malware")
    events = [
        {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": level_id, "score": 800}
        for level_id in ["level-3", "other"]
    ]
    results = learner_api.post("/api/v1/sync", {"events": events}).json()["results"]
    assert [result["status"] for result in results] == ["created", "created"]
    assert categories_counted() == 1


def test_a_renamed_category_counts_once_for_all_of_its_levels(complete, level):
    LevelFactory(level_id="other", category="Threat Detection")
    complete(score=700)
    for level_id in ["level-3", "other"]:
        edit(level_id, category="Malware")
    LevelFactory(level_id="later", category="Malware")
    for level_id in ["other", "later"]:
        assert complete(level_id=level_id, score=700).status_code == 200
    assert categories_counted() == 1


def test_a_level_that_moves_to_another_category_leaves_both_of_them_to_count(complete, level):
    LevelFactory(level_id="left", category="Threat Detection")
    LevelFactory(level_id="neighbour", category="Malware")
    complete(score=700)
    edit(category="Malware")
    for level_id in ["left", "neighbour"]:
        complete(level_id=level_id, score=700)
    assert categories_counted() == 2


def test_an_open_session_is_judged_by_the_level_as_it_was_when_it_started(learner_api, level, time_machine):
    session_id = learner_api.post(START, {"level_id": "level-3"}).json()["session_id"]
    time_machine.shift(80)
    edit(max_score=100, pass_score=90, unlocked=False, published=False)
    answer = learner_api.post(END, {"session_id": session_id, "score": 850})
    assert (answer.status_code, answer.json()["awarded_xp"]) == (200, 23)
    completion = Completion.objects.get()
    assert (completion.score, completion.max_score, completion.passed, completion.perfect) == (850, 1000, True, False)


def test_an_open_session_may_reach_a_maximum_that_was_raised_meanwhile(learner_api, level, time_machine):
    session_id = learner_api.post(START, {"level_id": "level-3"}).json()["session_id"]
    time_machine.shift(60)
    edit(max_score=2000)
    assert learner_api.post(END, {"session_id": session_id, "score": 2000}).status_code == 200
    assert Completion.objects.get().max_score == 2000


def test_a_result_from_before_the_change_is_judged_by_the_level_as_it_was(complete, level):
    edit(max_score=100, pass_score=90, metadata={"min_seconds": 100})
    result = {"score": 850, "time_spent": 80}
    assert complete(**result, occurred_at=before_now(0)).json()["errors"] == {"score": ["Must be between 0 and 100."]}
    answer = complete(**result, occurred_at=before_now(1)).json()
    assert (answer["held"], answer["level"]["level_id"]) == (False, "level-3")
    completion = Completion.objects.get()
    assert (completion.max_score, completion.passed) == (1000, True)


def close(level, how):
    if how == "prerequisites":
        set_prerequisites(level=level, needed=[LevelFactory()])
    else:
        edit(**{how: how == "coming_soon"})


CODES = {
    "published": (400, "unknown_level"),
    "unlocked": (403, "level_locked"),
    "coming_soon": (403, "level_locked"),
    "prerequisites": (403, "level_locked"),
}


@pytest.mark.parametrize("how", CODES)
def test_a_result_from_before_the_level_was_closed_is_accepted(complete, level, how):
    close(level, how)
    late = complete(score=850, occurred_at=before_now(0))
    assert (late.status_code, late.json()["code"]) == CODES[how]
    assert complete(score=850, occurred_at=before_now(1)).status_code == 200


@pytest.mark.parametrize("how", CODES)
@pytest.mark.parametrize("kind", ["level_completion", "session"])
def test_a_batch_accepts_what_was_available_when_it_was_played(learner_api, level, how, kind):
    close(level, how)

    def event(minutes):
        common = {"type": kind, "client_event_id": str(uuid4()), "level_id": "level-3", "score": 850}
        if kind == "session":
            return {**common, "start_time": before_now(minutes), "time_spent": 80}
        return {**common, "occurred_at": before_now(minutes)}

    [late], [early] = (
        learner_api.post("/api/v1/sync", {"events": [event(minutes)]}).json()["results"] for minutes in [0, 5]
    )
    assert (late["problem"]["status"], late["problem"]["code"]) == CODES[how]
    assert early["status"] == "created"


def test_a_batch_judges_each_result_by_the_level_as_it_was(learner_api, level, time_machine):
    edit(max_score=100)
    time_machine.shift(600)
    edit(max_score=50)
    events = [
        {
            "type": "level_completion",
            "client_event_id": str(uuid4()),
            "level_id": "level-3",
            "score": score,
            "occurred_at": before_now(minutes),
        }
        for score, minutes in [(850, 15), (850, 5), (90, 5), (90, 0), (40, 0)]
    ]
    results = learner_api.post("/api/v1/sync", {"events": events}).json()["results"]
    assert [result["status"] for result in results] == ["created", "rejected", "created", "rejected", "created"]
    assert sorted(Completion.objects.values_list("max_score", flat=True)) == [50, 100, 1000]


def test_a_prerequisite_that_was_unpublished_when_a_level_was_played_does_not_lock_it(learner_api, complete, level):
    required = LevelFactory(level_id="required", published=False)
    level.prerequisites.set([required])
    edit("required", published=True)
    event = {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": "level-3", "score": 850}
    [result] = learner_api.post("/api/v1/sync", {"events": [{**event, "occurred_at": before_now(1)}]}).json()["results"]
    assert result["status"] == "created"


@pytest.mark.parametrize("how", ["unlocked", "coming_soon", "prerequisites"])
def test_a_completed_level_can_be_played_again_though_it_was_closed(learner_api, complete, level, how):
    complete(score=700)
    close(level, how)
    session_id = learner_api.post(START, {"level_id": "level-3"}).json()["session_id"]
    assert learner_api.post(END, {"session_id": session_id, "score": 900}).status_code == 200
    event = {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": "level-3", "score": 950}
    [result] = learner_api.post("/api/v1/sync", {"events": [event]}).json()["results"]
    assert (result["status"], complete(score=960).status_code) == ("created", 200)


def test_a_completed_level_that_is_unpublished_is_unknown(complete, level):
    complete(score=700)
    edit(published=False)
    assert complete(score=800).json()["code"] == "unknown_level"
