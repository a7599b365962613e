"""POST levels/complete: requests that are sent again, with and without an event id."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LedgerEntry
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion

from .answers import FAST_AND_CLEVER, without_time

pytestmark = pytest.mark.django_db


def test_a_retry_with_the_same_event_id_gets_the_first_answer(complete, level):
    event = {"client_event_id": str(uuid4()), **FAST_AND_CLEVER}
    first, second = without_time(complete(**event)), without_time(complete(**event))
    assert (first.pop("is_new_completion"), second.pop("is_new_completion")) == (True, False)
    assert first == second
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"score": 849},
        {"time_spent": 121},
        {"time_spent": None},
        {"difficulty": "hard"},
        {"metadata": {"hints_used": 1}},
        {"level_id": "another"},
        {"level_id": "unknown"},
    ],
)
def test_the_same_event_id_with_other_content_is_a_conflict(complete, level, change):
    LevelFactory(level_id="another")
    event = {"client_event_id": str(uuid4()), **FAST_AND_CLEVER}
    complete(**event)
    answer = complete(**{**event, **change})
    assert (answer.status_code, answer.json()["code"]) == (409, "event_id_reused")


def test_what_is_not_content_may_differ_in_a_retry(complete, level):
    event = {"client_event_id": str(uuid4()), **FAST_AND_CLEVER}
    complete(**event)
    other = {
        "level_id": 3,
        "level_type": "training",
        "occurred_at": (timezone.now() - timedelta(days=2)).isoformat(),
        "metadata": {"hints_used": 0, "unknown": "dropped"},
    }
    assert complete(**{**event, **other}).json()["is_new_completion"] is False


def test_a_retry_is_answered_although_the_rules_have_changed(complete, level, settings):
    event = {"client_event_id": str(uuid4()), "occurred_at": timezone.now().isoformat(), **FAST_AND_CLEVER}
    complete(**event)
    settings.EVENT_MAX_AGE = settings.EVENT_MAX_AHEAD = timedelta(0)
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    Level.objects.update(published=False, max_score=100, pass_score=0)
    answer = complete(**event)
    assert (answer.status_code, answer.json()["is_new_completion"], answer.json()["awarded_xp"]) == (200, False, 28)


def test_event_ids_of_other_learners_do_not_matter(complete, level, sign_in):
    event = {"client_event_id": str(uuid4()), **FAST_AND_CLEVER}
    answers = [complete(**event), complete(client=sign_in(UserFactory()), **event)]
    assert [answer.json()["is_new_completion"] for answer in answers] == [True, True]


def test_without_an_id_the_same_content_within_ten_seconds_is_a_repeat(complete, level, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    first = complete(**FAST_AND_CLEVER).json()
    time_machine.shift(9.9)
    assert complete(**FAST_AND_CLEVER).json()["is_new_completion"] is False
    time_machine.shift(0.2)
    later = complete(**FAST_AND_CLEVER).json()
    assert (first["awarded_xp"], later["is_new_completion"], later["awarded_xp"]) == (28, True, 0)


def test_a_clock_that_was_set_back_does_not_make_later_completions_repeats(complete, level, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    complete(**FAST_AND_CLEVER)
    time_machine.shift(-9.9)
    assert complete(**FAST_AND_CLEVER).json()["is_new_completion"] is False
    time_machine.shift(-0.2)
    assert complete(**FAST_AND_CLEVER).json()["is_new_completion"] is True


def test_a_completion_recorded_by_the_end_of_a_session_is_answered_in_the_form_of_this_call(
    learner_api, complete, level
):
    session_id = learner_api.post("/api/v1/sessions/start", {"level_id": "level-3"}).json()["session_id"]
    ended = learner_api.post("/api/v1/sessions/end", {"session_id": session_id, "score": 850}).json()
    again = without_time(complete(score=850, time_spent=ended["time_spent"]))
    level_card = again.pop("level")
    assert level_card["level_id"] == "level-3"
    assert again.pop("is_new_completion") is False
    assert again.pop("clock_shifted_by") == 0
    assert again == {name: ended[name] for name in again}
    assert not {"session_id", "session", "time_spent"} & again.keys()


def test_without_an_id_other_content_is_another_completion(complete, level):
    contents = [{"score": 1}, {"score": 2}, {"score": 2, "time_spent": 5}]
    assert [complete(**content).json()["is_new_completion"] for content in contents] == [True, True, True]
