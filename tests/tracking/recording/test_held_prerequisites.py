"""A result that is possible only after a held one is held too, and never rejected."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.factories import LevelFactory
from tracking.models import Completion
from tracking.recording.services import refuse_completion, release_completion

pytestmark = pytest.mark.django_db


@pytest.fixture
def levels(db):
    first = LevelFactory(level_id="first", metadata={"min_seconds": 60})
    second = LevelFactory(level_id="second", prerequisites=[first])
    return LevelFactory(level_id="third", prerequisites=[second])


@pytest.fixture
def play(learner_api, levels):
    def play(level_id, **body):
        event = {"level_id": level_id, "score": 500, "client_event_id": str(uuid4()), "time_spent": 30, **body}
        answer = learner_api.post("/api/v1/levels/complete", event).json()
        return answer.get("code") or ("held" if answer["held"] else "counts")

    return play


def reasons():
    return dict(Completion.objects.values_list("level__level_id", "held_reason"))


def test_after_a_held_result_the_next_ones_are_held_too(play):
    assert [play(name) for name in ["first", "second", "third"]] == ["held"] * 3
    assert reasons() == {"first": "too_fast", "second": "prerequisite_held", "third": "prerequisite_held"}


def test_a_level_whose_other_prerequisites_are_missing_stays_locked(play, levels):
    levels.prerequisites.add(LevelFactory(level_id="other"))
    assert [play(name) for name in ["first", "second", "third"]] == ["held", "held", "level_locked"]


def test_after_a_refusal_the_level_is_locked(play):
    play("first")
    refuse_completion(Completion.objects.get(), at=timezone.now())
    assert play("second") == "level_locked"


def test_once_the_prerequisite_counts_so_do_further_results(play):
    play("first"), play("second")
    release_completion(Completion.objects.get(level__level_id="first"), at=timezone.now())
    assert play("second", score=600) == "counts"
    release_completion(Completion.objects.get(held=True), at=timezone.now())
    assert reasons() == {"first": "", "second": ""}


def test_a_failed_result_that_is_held_opens_nothing(play, levels):
    LevelFactory(level_id="exam", pass_score=900, metadata={"min_seconds": 60})
    levels.prerequisites.set(type(levels).objects.filter(level_id="exam"))
    assert [play(name) for name in ["exam", "third"]] == ["held", "level_locked"]


def test_a_session_does_not_start_on_a_level_that_a_held_result_would_open(play, learner_api):
    play("first")
    assert learner_api.post("/api/v1/sessions/start", {"level_id": "second"}).json()["code"] == "level_locked"


def test_a_batch_holds_them_too_in_the_order_in_which_they_happened(learner_api, levels):
    now = timezone.now()

    def event(level_id, minutes):
        at = (now - timedelta(minutes=minutes)).isoformat()
        body = {"type": "level_completion", "level_id": level_id, "score": 500, "time_spent": 30, "occurred_at": at}
        return {**body, "client_event_id": str(uuid4())}

    events = [event("third", 10), event("second", 20), event("first", 30)]
    results = learner_api.post("/api/v1/sync", {"events": events}).json()["results"]
    assert [result["status"] for result in results] == ["held"] * 3
    assert reasons() == {"first": "too_fast", "second": "prerequisite_held", "third": "prerequisite_held"}
    [later] = learner_api.post("/api/v1/sync", {"events": [event("third", 5)]}).json()["results"]
    assert (later["status"], later["held_reason"]) == (
        "held",
        "This level needs another one, whose result our staff have yet to look at. Then they look at this one too.",
    )


def test_training_holds_them_too(learner_api):
    first = LevelFactory(level_id="one", kind="training", max_score=100, metadata={"min_seconds": 60})
    LevelFactory(level_id="two", kind="training", max_score=100, prerequisites=[first])

    def submit(level_id):
        result = {"level_id": level_id, "score": 90, "total_questions": 5, "correct_answers": 5}
        answer = learner_api.post("/api/v1/training/progress/submit", {**result, "time_spent_seconds": 30})
        assert answer.status_code == 200, answer.content
        return answer.json()

    answers = submit("one"), submit("two")
    assert [(answer["held"], answer["status"], answer["xp_earned"]) for answer in answers] == [
        (True, "unlocked", 0)
    ] * 2
    assert reasons() == {"one": "too_fast", "two": "prerequisite_held"}
