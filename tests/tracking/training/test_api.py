"""training/progress/submit: results in right answers."""

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry
from tests.factories import UserFactory
from tracking.models import Completion
from tracking.recording.services import release_completion

from .conftest import ANSWERS, NOW, PATH, make_step, problem

pytestmark = pytest.mark.django_db


def test_enough_right_answers_complete_pay_and_open_the_next_level(submit):
    answer = submit()
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "level_id": "knots_u1_l1",
            "status": "completed",
            "score": 80,
            "correct_answers": 4,
            "total_questions": 5,
            "xp_earned": 10,
            "total_xp": 10,
            "next_level_id": "knots_u1_l2",
            "awarded_xp": 10,
            "total_awarded_xp": 10,
            "new_total_xp": 10,
            "xp_breakdown": [{"factor": "base", "value": 10}],
            "level_up": False,
            "player_level": 1,
            "title": "Novice",
            "streak": {"action": "started", "current_streak": 1, "longest_streak": 1, "freezes_available": 3},
            "unlocked_achievements": [],
            "unlocked_badges": [],
            "entries": [{"reason": "training_progress", "delta": 10, "balance_after": 10}],
            "trust": "reported",
            "held": False,
            "held_reason": None,
            "server_time": NOW,
        },
    )
    completion = Completion.objects.get()
    assert (completion.time_spent, completion.passed) == (75, True)
    assert completion.metadata == {"correct_answers": 4, "total_questions": 5}
    assert submit(level_id="knots_u1_l2").status_code == 200


def test_too_few_right_answers_pay_nothing_and_open_nothing(submit):
    answer = submit(3, score=100).json()
    values = [answer[name] for name in ["status", "xp_earned", "total_xp", "next_level_id", "entries"]]
    assert values == ["unlocked", 0, 0, None, []]
    assert problem(submit(level_id="knots_u1_l2"))[:2] == (403, "level_locked")


def test_the_right_answers_decide_and_not_the_score(submit):
    assert submit(4, score=0).json()["status"] == "completed"


def test_the_pass_score_applies_too(submit, unit):
    type(unit[0]).objects.update(pass_score=50)
    assert submit(5, score=49).json()["status"] == "unlocked"
    assert submit(5, score=50).json()["status"] == "completed"


def test_without_a_number_of_right_answers_the_score_decides(submit, unit):
    type(unit[0]).objects.update(metadata={}, pass_score=50)
    assert submit(5, score=49, total_questions=9).json()["status"] == "unlocked"
    assert submit(0, score=50, total_questions=9).json()["status"] == "completed"


def test_completed_by_another_call_the_share_of_the_score_decides(learner_api, unit):
    for score, status in [(79, "unlocked"), (80, "completed")]:
        learner_api.post("/api/v1/levels/complete", {"level_id": "knots_u1_l1", "score": score})
        first = learner_api.get(PATH.format("knots")).json()["units"][0]["levels"][0]
        assert first["status"] == status


def test_a_failed_retry_never_takes_a_completion_away(submit, learner_api, time_machine):
    submit()
    time_machine.shift(60)
    answer = submit(0, score=0).json()
    values = [answer[name] for name in ["status", "xp_earned", "total_xp", "next_level_id"]]
    assert values == ["completed", 0, 10, "knots_u1_l2"]
    levels = learner_api.get(PATH.format("knots")).json()["units"][0]["levels"]
    assert [level["status"] for level in levels] == ["completed", "unlocked", "locked"]


def test_passing_again_pays_nothing_more(submit, time_machine):
    submit()
    time_machine.shift(60)
    answer = submit(5, score=100).json()
    assert (answer["status"], answer["xp_earned"], answer["total_xp"]) == ("completed", 0, 10)


def test_the_same_result_within_ten_seconds_is_a_repeat(submit, time_machine):
    first = submit().json()
    time_machine.shift(9.999)
    assert submit().json() == {**first, "server_time": "2026-11-20T10:00:09.999000Z"}
    assert Completion.objects.count() == 1
    time_machine.shift(0.001)
    assert submit().json()["xp_earned"] == 0
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (2, 1)


@pytest.mark.parametrize("change", [{"score": 79}, {"time_spent_seconds": 74}, {"correct": 5}])
def test_another_result_is_no_repeat(submit, change):
    submit(), submit(**change), submit(**change)
    assert Completion.objects.count() == 2


def test_a_repeat_between_others_is_still_one(submit):
    submit(3), submit(4), submit(4), submit(3)
    assert Completion.objects.count() == 2


def test_the_same_result_of_another_learner_is_not_a_repeat(submit, sign_in):
    submit()
    assert submit(client=sign_in(UserFactory())).json()["xp_earned"] == 10


def test_an_idempotency_key_keeps_the_answer(submit, time_machine):
    key = {"Idempotency-Key": "mine"}
    first = submit(headers=key)
    time_machine.shift(60)
    again = submit(headers=key)
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert submit(5, headers=key).status_code == 422
    assert Completion.objects.count() == 1


@pytest.mark.parametrize("reference", ["knots_u1_l1", 7, "7"])
def test_a_level_is_named_by_its_level_id_or_number(submit, unit, reference):
    type(unit[0]).objects.filter(pk=unit[0].pk).update(number=7)
    assert submit(level_id=reference).json()["level_id"] == "knots_u1_l1"


def test_the_last_level_of_a_unit_has_no_next_one(submit, unit):
    make_step(1, level_id="knots_u2_l1", name="Other", unit="knots_u2")
    make_step(4, level_id="draft", name="Draft", published=False)
    submit(), submit(level_id="knots_u1_l2")
    assert submit(level_id="knots_u1_l3").json()["next_level_id"] is None


def test_an_implausible_result_is_held_and_pays_when_it_is_released(submit, unit):
    type(unit[0]).objects.update(metadata={**ANSWERS, "min_seconds": 100})
    held = submit().json()
    values = [held[name] for name in ["held", "status", "xp_earned", "next_level_id"]]
    assert values == [True, "unlocked", 0, None]
    release_completion(Completion.objects.get(), at=timezone.now())
    answer = submit().json()
    assert [answer[name] for name in ["held", "status", "xp_earned"]] == [False, "completed", 10]
    assert answer["entries"] == [{"reason": "training_progress", "delta": 10, "balance_after": 10}]


def test_the_same_result_sent_to_levels_complete_counts_once(submit, learner_api):
    submit()
    again = learner_api.post("/api/v1/levels/complete", {"level_id": "knots_u1_l1", "score": 80, "time_spent": 75})
    answer = again.json()
    assert (answer["is_new_completion"], answer["awarded_xp"], answer["level"]["level_id"]) == (
        False,
        10,
        "knots_u1_l1",
    )
    assert LearnerProfile.objects.get().total_xp == 10
