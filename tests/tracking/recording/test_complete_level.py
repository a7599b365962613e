"""POST levels/complete: what it answers, what it pays, what it refuses."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gamification.models import LedgerEntry
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion
from tracking.recording.services import release_completion

pytestmark = pytest.mark.django_db

FAST_AND_CLEVER = {"score": 850, "time_spent": 120, "metadata": {"hints_used": 0}}


def without_time(answer):
    body = answer.json()
    assert parse_datetime(body.pop("server_time"))
    return body


def test_a_completion_is_answered_with_all_that_it_earned(complete, level):
    answer = complete(**FAST_AND_CLEVER)
    assert (answer.status_code, without_time(answer)) == (
        200,
        {
            "success": True,
            "awarded_xp": 28,
            "total_awarded_xp": 28,
            "new_total_xp": 28,
            "xp_breakdown": [
                {"factor": "base", "value": 10},
                {"factor": "score", "value": 8},
                {"factor": "speed_bonus", "value": 5},
                {"factor": "no_hints_bonus", "value": 5},
            ],
            "level_up": False,
            "player_level": 1,
            "title": "Novice",
            "streak": {"action": "started", "current_streak": 1, "longest_streak": 1, "freezes_available": 3},
            "unlocked_achievements": [],
            "unlocked_badges": [],
            "entries": [{"reason": "level_completion", "delta": 28, "balance_after": 28}],
            "trust": "reported",
            "held": False,
            "level": {
                "level_id": "level-3",
                "number": 3,
                "name": "Malware Mayhem",
                "xp_reward": 200,
                "icon": "bi-bug",
                "category": "Threat Detection",
                "estimated_time": "25 minutes",
                "skills": ["Threat Analysis"],
                "unlocked": True,
                "coming_soon": False,
            },
            "is_new_completion": True,
        },
    )


def test_the_ledger_line_says_what_was_paid_for(complete, learner, level):
    complete(**FAST_AND_CLEVER)
    line, completion = LedgerEntry.objects.get(), Completion.objects.get()
    assert (line.learner, line.reason, line.reference_type, line.reference_id, line.effective_at, line.rule_set_id) == (
        learner,
        "level_completion",
        "completion",
        str(completion.pk),
        completion.occurred_at,
        1,
    )
    assert sum(factor["value"] for factor in line.metadata["breakdown"]) == line.delta


def test_an_improvement_pays_the_difference(complete, level):
    complete(**FAST_AND_CLEVER)
    answer = complete(**{**FAST_AND_CLEVER, "score": 1000}).json()
    assert (answer["awarded_xp"], answer["new_total_xp"]) == (2, 30)
    assert answer["xp_breakdown"][-1] == {"factor": "already_paid", "value": -28}


def test_a_worse_score_pays_nothing_and_takes_nothing(complete, level):
    complete(**FAST_AND_CLEVER)
    answer = complete(score=10).json()
    assert (answer["awarded_xp"], answer["new_total_xp"], answer["entries"]) == (0, 28, [])


def test_a_mode_pays_every_time(complete):
    LevelFactory(level_id="arena", kind="mode", max_score=100)
    paid = [complete(level_id="arena", score=score).json()["awarded_xp"] for score in [50, 60, 70]]
    assert paid == [10, 10, 10]


def test_a_level_that_pays_once_pays_once(complete):
    LevelFactory(level_id="once", repeat_policy="none")
    paid = [complete(level_id="once", score=score).json()["awarded_xp"] for score in [500, 1000]]
    assert paid == [15, 0]


def test_a_level_up_is_in_the_answer(complete):
    LevelFactory(level_id="rich", xp_rule="fixed", xp_reward=100)
    answer = complete(level_id="rich", score=1).json()
    assert (answer["level_up"], answer["player_level"], answer["new_total_xp"]) == (True, 2, 100)


@pytest.mark.parametrize("reference", ["level-3", 3, "3"])
def test_a_level_is_named_by_id_or_number(complete, level, reference):
    assert complete(level_id=reference, score=1).status_code == 200


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
    assert again == {name: ended[name] for name in again}
    assert not {"session_id", "session", "time_spent"} & again.keys()


def test_without_an_id_other_content_is_another_completion(complete, level):
    contents = [{"score": 1}, {"score": 2}, {"score": 2, "time_spent": 5}]
    assert [complete(**content).json()["is_new_completion"] for content in contents] == [True, True, True]


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


def test_claimed_difficulty_is_recorded_and_the_catalogues_is_paid(complete, level):
    answer = complete(score=850, difficulty="expert").json()
    completion = Completion.objects.get()
    assert (answer["awarded_xp"], completion.claimed_difficulty, completion.difficulty) == (18, "expert", "normal")


def test_a_completion_remembers_the_circumstances(complete, level, learner):
    complete(score=1000, time_spent=7, metadata={"hints_used": 2, "language": "id-ID", "colour": "red"})
    completion = Completion.objects.get()
    assert (completion.passed, completion.perfect, completion.max_score, completion.level_type, completion.source) == (
        True,
        True,
        1000,
        "simulation",
        "api",
    )
    assert completion.metadata == {"hints_used": 2, "language": "id-ID"}


def test_own_user_id_is_accepted(complete, level, learner):
    assert complete(score=1, user_id=learner.pk).status_code == 200


def test_an_implausibly_fast_completion_is_held_and_pays_when_released(complete):
    LevelFactory(level_id="long", metadata={"min_seconds": 60})
    answer = complete(level_id="long", score=850, time_spent=59).json()
    assert (answer["held"], answer["awarded_xp"], answer["is_new_completion"]) == (True, 0, True)
    for _ in range(2):
        release_completion(Completion.objects.get(), at=timezone.now())
    line = LedgerEntry.objects.get()
    assert (line.delta, Completion.objects.get().answer["awarded_xp"]) == (18, 18)


def test_above_the_ceiling_of_the_hour_completions_are_held(complete, level, settings):
    settings.XP_PER_HOUR_CEILING = 28
    held = [complete(**{**FAST_AND_CLEVER, "score": score}).json()["held"] for score in [850, 1000]]
    assert held == [False, True]


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


@pytest.mark.parametrize("path", ["/api/levels/complete", "/api/levels/complete/", "/api/v1/levels/complete/"])
def test_both_prefixes_and_a_slash_lead_to_the_same_place(learner_api, level, path):
    assert learner_api.post(path, {"level_id": "level-3", "score": 1}).status_code == 200
