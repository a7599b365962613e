"""Why a day of practice is a streak day, and what its bonus was paid for."""

from datetime import timedelta

import pytest

from gamification.models import LedgerEntry, XPRuleSet
from tests.tracking.review.practising import known_questions

pytestmark = pytest.mark.django_db

EXPLAIN = "/api/v1/gamification/explain"


@pytest.fixture
def practise_daily(practise, learner, time_machine):
    """Practises so many questions on each of two days, and stays on the second."""

    def practise_daily(number):
        time_machine.move_to("2026-11-20T10:30:00Z", tick=False)
        questions = known_questions(2 * number, learner)
        for day in (questions[:number], questions[number:]):
            time_machine.shift(timedelta(days=1))
            for question in day:
                practise(question)

    return practise_daily


@pytest.fixture
def client(sign_in, learner):
    return lambda: sign_in(learner)  # signed in anew, since the clock moves


def bonus():
    return LedgerEntry.objects.get(reason="streak_bonus")


def test_the_bonus_of_a_day_of_practice_names_the_questions_that_made_it(practise_daily, client):
    practise_daily(5)
    entry = client().get(f"{EXPLAIN}/xp/{bonus().pk}").json()
    assert entry["why"] == (
        "You got 10 XP for day 2 of your streak, made by practising 5 questions on 22 November 2026."
    )
    assert bonus().metadata["reviews"] == 5
    day = client().get(f"{EXPLAIN}/streak").json()
    assert day["why"].endswith("; practising 5 questions made the day, and paid 10 XP.")


def test_the_number_stays_that_of_the_rules_in_force_then(practise_daily, client):
    change_rules(for_a_day=3)
    practise_daily(4)
    change_rules(for_a_day=9)
    assert "made by practising 3 questions on" in client().get(f"{EXPLAIN}/xp/{bonus().pk}").json()["why"]
    assert "; practising 3 questions made the day" in client().get(f"{EXPLAIN}/streak").json()["why"]


def change_rules(**reviews):
    rules = XPRuleSet.objects.published().get()
    reviews = {"xp_per_answer": 1, "xp_per_day": 20, **reviews}
    XPRuleSet.objects.filter(pk=rules.pk).update(rules=rules.rules | {"reviews": reviews})
