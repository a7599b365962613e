"""GET gamification/explain/xp: why a ledger entry is what it is, in numbers and one sentence."""

from datetime import timedelta

import pytest

from gamification.awards.adjustments import reverse
from gamification.models import Achievement, LedgerEntry
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust

from .conftest import EXPLAIN, NOON

pytestmark = pytest.mark.django_db


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


@pytest.mark.usefixtures("unlimited")
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
    line = give(learner, amount, reason=reason, note="Secret of the staff")
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


@pytest.mark.parametrize("path", ["xp/1", "level/door"])
def test_anonymous_clients_get_401(api, path):
    assert api.get(f"{EXPLAIN}/{path}").status_code == 401
