"""GET gamification/explain/level: why a level is locked or open, and all levels to pass before it."""

import pytest

from levels.models import Level
from tests.factories import LevelFactory

from .conftest import EXPLAIN

pytestmark = pytest.mark.django_db


def explain_level(client, reference):
    answer = client.get(f"{EXPLAIN}/level/{reference}")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def maze(db):
    """Boss needs gate and key, key needs door."""
    door = LevelFactory(level_id="door", name="Door", pass_score=500)
    key = LevelFactory(level_id="key", name="Key", prerequisites=[door], max_score=100, pass_score=70)
    gate = LevelFactory(level_id="gate", name="Gate", metadata={"min_correct": 2, "total_questions": 3})
    LevelFactory(level_id="boss", name="Boss", number=99, prerequisites=[gate, key])


def step(level_id, name, status, passing_score, max_score=1000, best_score=None):
    return {
        "level_id": level_id,
        "name": name,
        "status": status,
        "best_score": best_score,
        "best_max_score": None if best_score is None else max_score,
        "passing_score": passing_score,
        "max_score": max_score,
    }


def test_a_locked_level_says_what_is_missing_and_the_whole_path(learner_api, maze, complete):
    complete(level_id="door", score=499)
    assert explain_level(learner_api, "boss") == {
        "success": True,
        "level": {
            "level_id": "boss",
            "name": "Boss",
            "status": "locked",
            "best_score": None,
            "best_max_score": None,
            "best_time": None,
            "completions": 0,
            "awarded_xp": 0,
            "first_completed_at": None,
            "last_completed_at": None,
            "missing": [{"level_id": "gate", "name": "Gate"}, {"level_id": "key", "name": "Key"}],
        },
        "available": False,
        "reason": "prerequisites",
        "passing_score": 0,
        "max_score": 1000,
        "road": [
            step("gate", "Gate", "unlocked", 667),
            step("door", "Door", "unlocked", 500, best_score=499),
            step("key", "Key", "locked", 70, max_score=100),
        ],
        "why": (
            "“Boss” is locked: pass “Gate” (667 of 1000 points), then “Door” (500 of 1000 points), then “Key” (70 of "
            "100 points)."
        ),
    }


def test_what_was_passed_is_not_on_the_path(learner_api, maze, complete):
    complete(level_id="door", score=500)
    complete(level_id="gate", score=667)
    assert explain_level(learner_api, 99)["why"] == "“Boss” is locked: pass “Key” (70 of 100 points)."


def test_following_the_path_opens_the_level(learner_api, maze, complete):
    for passed in explain_level(learner_api, "boss")["road"]:
        assert complete(level_id=passed["level_id"], score=passed["passing_score"]).status_code == 200
    explained = explain_level(learner_api, "boss")
    assert (explained["available"], explained["road"], explained["why"]) == (
        True,
        [],
        "“Boss” is open to you: you have passed all that it needs.",
    )


def test_a_long_path_is_shortened_in_the_sentence_and_listed_in_full(learner_api):
    before = []
    for n in range(6):
        before = [LevelFactory(level_id=f"step-{n}", name=f"Step {n}", prerequisites=before)]
    explained = explain_level(learner_api, "step-5")
    assert [passed["level_id"] for passed in explained["road"]] == [f"step-{n}" for n in range(5)]
    assert explained["why"] == "“Step 5” is locked: pass “Step 0”, then “Step 1”, then “Step 2”, and 2 more after that."


@pytest.mark.parametrize(
    ("closed", "reason", "sentence"),
    [
        ({"coming_soon": True}, "coming_soon", "“Maze” is coming soon."),
        ({"unlocked": False}, "not_unlocked", "“Maze” is not open yet."),
    ],
)
def test_a_level_that_is_not_open_says_so(learner_api, closed, reason, sentence):
    LevelFactory(level_id="maze", name="Maze", **closed)
    explained = explain_level(learner_api, "maze")
    assert (explained["available"], explained["level"]["status"], explained["reason"], explained["why"]) == (
        False,
        "locked",
        reason,
        sentence,
    )


def test_a_path_that_is_closed_names_its_first_closed_level(learner_api):
    closed = LevelFactory(level_id="door", name="Door", coming_soon=True)
    LevelFactory(level_id="maze", name="Maze", prerequisites=[closed])
    assert explain_level(learner_api, "maze")["why"] == "“Maze” is locked: pass “Door”; “Door” is not open yet."


def test_an_open_level_says_what_was_tried(learner_api, maze, complete):
    assert explain_level(learner_api, "door")["why"] == "“Door” is open to you: it needs nothing before it."
    complete(level_id="door", score=20)
    assert explain_level(learner_api, "door")["why"] == (
        "“Door” is open to you: it needs nothing before it; your best score is 20, and 500 of 1000 points pass it."
    )


def test_a_passed_level_says_when_how_well_and_what_it_paid(learner_api, maze, complete):
    complete(level_id="door", score=850)
    explained = explain_level(learner_api, "door")
    assert (explained["level"]["status"], explained["why"]) == (
        "completed",
        "You passed “Door” on 10 March 2026; your best score is 850 of 1000, and it has paid you 18 XP.",
    )


def test_old_results_are_explained_with_their_own_maximum(learner_api, maze, complete):
    complete(level_id="gate", score=850)
    complete(level_id="door", score=300)
    for level in Level.objects.all():
        level.max_score = level.pass_score = 100
        level.save()
    assert "your best score is 850 of 1000" in explain_level(learner_api, "gate")["why"]
    tried = "your best score is 300 of 1000, and 100 of 100 points pass it"
    assert tried in explain_level(learner_api, "door")["why"]


def test_a_mode_is_explained_too(learner_api):
    LevelFactory(level_id="arena", name="Arena", kind="mode")
    assert explain_level(learner_api, "arena")["available"] is True


def test_an_unknown_or_unpublished_level_is_not_found(learner_api):
    LevelFactory(level_id="draft", published=False)
    for reference in ["nope", "draft", "123456", "9" * 40]:
        answer = learner_api.get(f"{EXPLAIN}/level/{reference}")
        assert (answer.status_code, answer.json()["code"]) == (404, "level_not_found")


def test_a_level_costs_the_same_with_a_path_of_any_length(learner_api, maze, complete, django_assert_num_queries):
    with django_assert_num_queries(11):
        explain_level(learner_api, "boss")
    before = []
    for n in range(20):
        before = [LevelFactory(level_id=f"step-{n}", prerequisites=before)]
        complete(level_id=f"step-{n}", score=1)
    far = LevelFactory(prerequisites=[LevelFactory(prerequisites=[LevelFactory(), *before])])
    with django_assert_num_queries(11):
        explain_level(learner_api, far.level_id)
