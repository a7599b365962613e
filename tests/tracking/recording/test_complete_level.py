"""POST levels/complete: what it answers, what it pays, what it records."""

import pytest
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import LevelFactory
from tracking.models import Completion
from tracking.recording.services import release_completion

from .answers import FAST_AND_CLEVER, without_time

pytestmark = pytest.mark.django_db


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
            "held_reason": None,
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
            "clock_shifted_by": 0,
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


@pytest.mark.parametrize("path", ["/api/levels/complete", "/api/levels/complete/", "/api/v1/levels/complete/"])
def test_both_prefixes_and_a_slash_lead_to_the_same_place(learner_api, level, path):
    assert learner_api.post(path, {"level_id": "level-3", "score": 1}).status_code == 200
