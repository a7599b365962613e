"""GET gamification/explain/xp and gamification/explain/level: facts, numbers, one sentence."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.awards.adjustments import reverse
from gamification.models import Achievement, LedgerEntry
from levels.models import Level
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db

EXPLAIN = "/api/v1/gamification/explain"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def why(learner_api):
    """The sentence for the newest line of a reason."""

    def why(reason="level_completion"):
        line = LedgerEntry.objects.filter(reason=reason).order_by("-sequence").first()
        return explain_entry(learner_api, line)["why"]

    return why


def explain_entry(client, line):
    answer = client.get(f"{EXPLAIN}/xp/{line.pk}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def explain_level(client, reference):
    answer = client.get(f"{EXPLAIN}/level/{reference}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def give(learner, amount, **options):
    return adjust(learner_id=learner.pk, amount=amount, actor=StaffFactory(), at=NOON, **options)


def take_back(line, **options):
    return reverse(line, actor=StaffFactory(), note="For colleagues only", at=NOON + timedelta(days=1), **options)


def test_a_completion_says_where_every_point_comes_from(learner_api, level, complete):
    complete(score=850, time_spent=120, metadata={"hints_used": 0})
    line = LedgerEntry.objects.get()
    assert explain_entry(learner_api, line) == {
        "success": True,
        "entry": {
            "id": line.pk,
            "sequence": 1,
            "delta": 28,
            "reason": "level_completion",
            "balance_before": 0,
            "balance_after": 28,
            "rule_version": 1,
            "effective_at": "2026-03-10T12:00:00Z",
            "created_at": "2026-03-10T12:00:00Z",
            "streak": None,
            "reversal_of": None,
            "reversed_by": None,
        },
        "breakdown": [
            {"factor": "base", "value": 10, "why": "for finishing"},
            {"factor": "score", "value": 8, "why": "for 850 points"},
            {"factor": "speed_bonus", "value": 5, "why": "for finishing in only 2 min"},
            {"factor": "no_hints_bonus", "value": 5, "why": "for using no hints"},
        ],
        "completion": {
            "level_id": "level-3",
            "name": "Malware Mayhem",
            "score": 850,
            "max_score": 1000,
            "passed": True,
            "perfect": False,
            "time_spent": 120,
            "difficulty": "normal",
            "hints_used": 0,
            "occurred_at": "2026-03-10T12:00:00Z",
        },
        "achievement": None,
        "why": (
            "You got 28 XP for “Malware Mayhem”: 10 for finishing, 8 for 850 points, 5 for finishing in only 2 min "
            "and 5 for using no hints."
        ),
    }


def test_what_is_taken_off_is_said_too(level, complete, why):
    complete(score=100)
    complete(score=850)
    assert why() == (
        "You got 7 XP for “Malware Mayhem”: 10 for finishing, 8 for 850 points and 11 less because this level had paid "
        "you before."
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"difficulty": "hard"}, "10 for finishing, 8 for 850 points and 3 for the difficulty hard (× 1.2)"),
        (
            {"difficulty": "very_easy"},
            "10 for finishing, 8 for 850 points and 8 less for the difficulty very easy (× 0.6)",
        ),
        ({"xp_rule": "fixed", "xp_reward": 25}, "25 for finishing"),
        ({"xp_rule": "proportional", "xp_reward": 75, "max_score": 850}, "75 for 850 points"),
        (
            {"xp_rule": "scenario", "max_score": 850, "expected_time_seconds": 900},
            "100 for finishing, 15 for the length of the scenario and 57 for a perfect score",
        ),
    ],
)
def test_each_xp_rule_has_its_own_explanation(complete, why, fields, sentence):
    LevelFactory(level_id="level-3", name="Maze", **fields)
    complete(score=850)
    assert why().partition(": ")[2] == f"{sentence}."


def test_a_session_is_explained_as_a_completion_is(learner_api, level, why):
    session = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    learner_api.post("/api/v1/sessions/end", {"session_id": session})
    assert why("session_completion") == "You got 10 XP for “Malware Mayhem”: 10 for finishing."


def test_a_streak_bonus_names_the_day_of_the_streak(learner_api, level, complete, why):
    complete(score=1, occurred_at="2026-03-09T12:00:00Z")
    complete(score=2)
    line = LedgerEntry.objects.get(reason="streak_bonus")
    explained = explain_entry(learner_api, line)
    assert (explained["entry"]["streak"], explained["completion"], explained["breakdown"]) == (
        2,
        None,
        [{"factor": "streak_bonus", "value": 10, "why": "for day 2 of your streak"}],
    )
    assert explained["why"] == "You got 10 XP for day 2 of your streak, with the first completion on 10 March 2026."


def test_an_achievement_is_named(learner_api, learner):
    Achievement.objects.create(
        achievement_id="ten", name="Ten", category="xp", xp_reward=50, condition={"type": "xp", "threshold": 10}
    )
    give(learner, 10, reason="A gift")
    explained = explain_entry(learner_api, LedgerEntry.objects.get(reason="achievement"))
    assert (explained["achievement"], explained["breakdown"], explained["why"]) == (
        {"achievement_id": "ten", "name": "Ten", "rarity": "common"},
        [{"factor": "achievement", "value": 50, "why": "for the achievement “Ten”"}],
        "You got 50 XP for the achievement “Ten”.",
    )


@pytest.mark.parametrize(
    ("amount", "reason", "sentence"),
    [
        (5, "A gift.", "Our staff gave you 5 XP: A gift."),
        (-5, "A fine", "Our staff took 5 XP from you: A fine."),
    ],
)
def test_an_adjustment_shows_the_reason_but_not_the_note(learner_api, learner, why, amount, reason, sentence):
    give(learner, 100, reason="To begin with")
    line = give(learner, amount, reason=reason, note="Secret of the house")
    assert explain_entry(learner_api, line)["why"] == sentence
    assert "Secret" not in str(explain_entry(learner_api, line))


def test_a_reversed_entry_and_its_reversal_refer_to_each_other(learner_api, level, complete):
    complete(score=850)
    line = LedgerEntry.objects.get()
    back = take_back(line, reason="The score was another's.")
    explained, explained_reversal = explain_entry(learner_api, line), explain_entry(learner_api, back)
    assert explained["entry"]["reversed_by"] == {"id": back.pk, "delta": -18, "created_at": "2026-03-11T12:00:00Z"}
    assert explained["why"] == (
        "You got 18 XP for “Malware Mayhem”: 10 for finishing and 8 for 850 points; taken back on 11 March 2026."
    )
    assert explained_reversal["entry"]["reversal_of"] == {
        "id": line.pk,
        "delta": 18,
        "created_at": "2026-03-10T12:00:00Z",
    }
    assert (explained_reversal["completion"], explained_reversal["breakdown"]) == (explained["completion"], [])
    assert explained_reversal["why"] == (
        "18 XP that you got on 10 March 2026 for “Malware Mayhem” were taken back: The score was another's."
    )
    assert "colleagues" not in str(explained_reversal)


def test_an_adjustment_that_was_taken_back_is_explained_by_its_reason(learner, why):
    give(learner, 10, reason="To begin with")
    take_back(give(learner, 5, reason="A gift"), reason="Typed twice")
    assert why("reversal") == "5 XP that you got on 10 March 2026 for “A gift” were taken back: Typed twice."
    take_back(give(learner, -5, reason="A fine"))
    assert why("reversal") == "5 XP that our staff took from you on 10 March 2026 were given back."


def test_dates_are_those_of_the_learners_zone(sign_in):
    learner = UserFactory(profile__time_zone="Pacific/Kiritimati")
    back = take_back(give(learner, 5, reason="A gift"), reason="Oops")
    assert "on 11 March 2026" in explain_entry(sign_in(learner), back)["why"]


def test_an_entry_of_another_learner_is_not_found(learner_api):
    line = give(UserFactory(), 5, reason="A gift")
    answers = [learner_api.get(f"{EXPLAIN}/xp/{key}").json() for key in [line.pk, 10**9, 2**63, 10**40, 0]]
    for answer in answers:
        del answer["request_id"]
    assert answers[0]["status"] == 404
    assert answers == [answers[0]] * 5


def test_an_entry_costs_the_same_with_any_history(learner_api, learner, level, complete, django_assert_num_queries):
    complete(score=850)
    line = LedgerEntry.objects.get()
    with django_assert_num_queries(4):
        explain_entry(learner_api, line)
    for score in range(851, 861):
        complete(score=score)
    take_back(line)
    with django_assert_num_queries(4):
        explain_entry(learner_api, line)


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
    with django_assert_num_queries(9):
        explain_level(learner_api, "boss")
    before = []
    for n in range(20):
        before = [LevelFactory(level_id=f"step-{n}", prerequisites=before)]
        complete(level_id=f"step-{n}", score=1)
    far = LevelFactory(prerequisites=[LevelFactory(prerequisites=[LevelFactory(), *before])])
    with django_assert_num_queries(9):
        explain_level(learner_api, far.level_id)


@pytest.mark.parametrize("path", ["xp/1", "level/door"])
def test_anonymous_clients_get_401(api, path):
    assert api.get(f"{EXPLAIN}/{path}").status_code == 401
