"""POST levels/complete: invalid input, unknown and locked levels, clocks, and who may not send."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.models import LedgerEntry
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "score"),
        ({"score": -1}, "score"),
        ({"score": 1001}, "score"),
        ({"score": "85"}, "score"),
        ({"score": 1.5}, "score"),
        ({"score": True}, "score"),
        ({"score": None}, "score"),
        ({"score": 2**40}, "score"),
        ({"score": 1, "time_spent": 86_401}, "time_spent"),
        ({"score": 1, "time_spent": -1}, "time_spent"),
        ({"score": 1, "difficulty": "impossible"}, "difficulty"),
        ({"score": 1, "level_type": "opera"}, "level_type"),
        ({"score": 1, "client_event_id": "not-a-uuid"}, "client_event_id"),
        ({"score": 1, "client_event_id": 7}, "client_event_id"),
        ({"score": 1, "xp": 1000}, "xp"),
        ({"score": 1, "user_id": 999_999}, "user_id"),
        ({"score": 1, "metadata": []}, "metadata"),
        ({"score": 1, "metadata": {"hints_used": -1}}, "metadata"),
        ({"score": 1, "metadata": {"hints_used": 10_001}}, "metadata"),
        ({"score": 1, "metadata": {"hints_used": "0"}}, "metadata"),
        ({"score": 1, "metadata": {"words_learned": 501}}, "metadata"),
        ({"score": 1, "metadata": {"conversations": 51}}, "metadata"),
        ({"score": 1, "metadata": {"mistakes": True}}, "metadata"),
        ({"score": 1, "metadata": {"language": "not a tag!"}}, "metadata"),
        ({"score": 1, "metadata": {"client_version": "1" * 41}}, "metadata"),
        ({"score": 1, "occurred_at": "yesterday"}, "occurred_at"),
        ({"score": 1, "occurred_at": "2026-11-20T08:00:00"}, "occurred_at"),
        ({"score": 1, "occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
        ({"score": 1, "occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"score": 1, "level_id": True}, "level_id"),
        ({"score": 1, "level_id": 1.5}, "level_id"),
        ({"score": 1, "level_id": ""}, "level_id"),
        ({"score": 1, "level_id": "x" * 101}, "level_id"),
    ],
)
def test_bad_input_is_refused_field_by_field_and_nothing_is_kept(complete, level, sent, field):
    answer = complete(**sent)
    assert answer.status_code == 400, answer.content
    assert [name.split(".")[0] for name in answer.json()["errors"]] == [field]
    assert Completion.objects.count() == 0


@pytest.mark.parametrize("reference", ["nowhere", 99, "99", -3, 2**52, "9" * 60])
def test_an_unknown_level_is_refused(complete, level, reference):
    answer = complete(level_id=reference, score=1)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_level")


def test_an_unpublished_level_is_unknown(complete, level):
    Level.objects.update(published=False)
    assert complete(score=1).json()["code"] == "unknown_level"


def test_a_locked_level_says_what_is_missing(complete, level):
    LevelFactory(level_id="next", prerequisites=[level])
    answer = complete(level_id="next", score=1)
    assert (answer.status_code, answer.json()["code"], answer.json()["missing"]) == (
        403,
        "level_locked",
        [{"level_id": "level-3", "name": "Malware Mayhem"}],
    )
    complete(score=1)
    assert complete(level_id="next", score=1).status_code == 200


def test_a_failed_prerequisite_keeps_a_level_locked(complete):
    hard = LevelFactory(level_id="hard", pass_score=500)
    LevelFactory(level_id="next", prerequisites=[hard])
    complete(level_id="hard", score=499)
    assert complete(level_id="next", score=1).status_code == 403


@pytest.mark.parametrize("state", [{"unlocked": False}, {"coming_soon": True}])
def test_a_level_that_is_not_open_is_locked(complete, state):
    LevelFactory(level_id="shut", **state)
    assert complete(level_id="shut", score=1).json()["code"] == "level_locked"


@pytest.mark.parametrize(("shift", "status"), [(-30, 200), (-30.001, 400), (0.0034, 200), (0.0036, 400)])
def test_the_clients_clock_is_believed_within_bounds(complete, level, learner, time_machine, shift, status):
    time_machine.move_to(timezone.now(), tick=False)
    occurred_at = timezone.now() + timedelta(days=shift)
    answer = complete(score=1, occurred_at=occurred_at.isoformat())
    assert answer.status_code == status
    if status == 200:
        line = LedgerEntry.objects.get()
        assert (line.effective_at, line.created_at) == (occurred_at, timezone.now())
    else:
        assert answer.json()["code"] == "clock_out_of_range"


def test_tracking_can_be_switched_off(complete, level, settings):
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    answer = complete(score=1)
    assert (answer.status_code, answer.json()["code"]) == (403, "tracking_disabled")


def test_the_tracked_share_of_learners_is_stable_and_grows(settings):
    from tracking.recording.admission import learner_refusal

    learners = UserFactory.build_batch(300)
    for pk, learner in enumerate(learners, start=1):
        learner.pk = pk
    tracked = {}
    for percent in [0, 25, 50, 100]:
        settings.SERVER_SIDE_TRACKING_PERCENT = percent
        tracked[percent] = {learner.pk for learner in learners if learner_refusal(learner) is None}
    assert not tracked[0]
    assert tracked[25] < tracked[50] < tracked[100]
    assert len(tracked[100]) == 300
    assert 40 < len(tracked[25]) < 110


def test_anonymous_clients_get_401(api, complete, level):
    assert complete(client=api, score=1).status_code == 401
