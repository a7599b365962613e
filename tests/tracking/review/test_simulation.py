"""A simulated learner who forgets by a known curve: when questions come back, with a fixed seed."""

from datetime import UTC, datetime
from random import Random
from statistics import median

import pytest

from levels.models import Question
from tracking.review.memory import follow_answer, new_memory, rating_of, retrievability

BEGIN = datetime(2026, 3, 2, 18, tzinfo=UTC)
QUESTIONS, ANSWERS = 300, 8


def chance_to_know(days, strength):
    """The learner's own curve, which is not the algorithm's: exponential, 90 percent after `strength` days."""
    return 0.9 ** (days / strength)


def practise(chance):
    """(interval in days, stability, retrievability when due) of each question that is known, as its answers go on."""
    strength, at = 2.0, BEGIN
    memory = new_memory(1, Question(pk=1), rating_of(correct=chance.random() < 0.7), at)
    for _ in range(ANSWERS):
        days = (memory.due - at).total_seconds() / 86_400
        if memory.step is None:
            yield days, memory.stability, retrievability(memory, memory.due)
        at = memory.due
        correct = chance.random() < chance_to_know(days, strength)
        strength = strength * 2.5 if correct else max(1.0, strength / 3)
        follow_answer(memory, rating_of(correct=correct), at)


@pytest.fixture(scope="module")
def intervals():
    chance = Random(12)
    return [interval for _ in range(QUESTIONS) for interval in practise(chance)]


def test_a_question_comes_back_on_the_whole_day_nearest_to_ninety_percent(intervals):
    """The tolerance of the algorithm: intervals are rounded to whole days, and are at least one."""
    for days, stability, _ in intervals:
        assert days == max(1, round(stability))


def test_most_questions_come_back_near_ninety_percent(intervals):
    chances = sorted(chance for _, _, chance in intervals)
    assert round(median(chances), 2) == 0.9
    assert all(0.85 < chance < 0.95 for chance in chances[len(chances) // 20 : -len(chances) // 20])
