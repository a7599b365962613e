"""How answers change what is remembered of a question: the algorithm's own numbers, and which rating an answer has."""

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Rating, State

from levels.models import Question
from tracking.review.memory import follow_answer, is_remembered, new_memory, rating_of, retrievability

AT = datetime(2026, 3, 2, 18, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def memory_of(*answers):
    """`answers`: (rating, when); the first one makes the memory."""
    (rating, at), *later = answers
    memory = new_memory(1, Question(pk=7), rating, at)
    for rating, at in later:
        follow_answer(memory, rating, at)
    return memory


@pytest.mark.parametrize(
    ("answer", "rating"),
    [
        ({"correct": True}, Rating.Good),
        ({"correct": True, "hint_taken": True}, Rating.Hard),
        ({"correct": False}, Rating.Again),
        ({"correct": False, "hint_taken": True}, Rating.Again),
    ],
)
def test_an_answer_has_a_rating(answer, rating):
    assert rating_of(**answer) == rating


def test_a_right_first_answer_comes_back_after_two_days():
    memory = memory_of((Rating.Good, AT))
    assert (memory.state, memory.step, memory.correct) == (State.Review, None, True)
    assert (memory.due, memory.last_review) == (AT + 2 * DAY, AT)
    assert (round(memory.stability, 4), round(memory.difficulty, 4)) == (2.3065, 2.1181)


@pytest.mark.parametrize(
    ("rating", "wait", "correct"), [(Rating.Again, 10 * MINUTE, False), (Rating.Hard, 15 * MINUTE, True)]
)
def test_what_was_not_known_without_help_comes_back_the_same_day(rating, wait, correct):
    memory = memory_of((rating, AT))
    assert (memory.state, memory.step, memory.correct, memory.due) == (State.Learning, 0, correct, AT + wait)


def test_what_was_forgotten_is_relearned_the_same_day():
    memory = memory_of((Rating.Good, AT), (Rating.Again, AT + 2 * DAY))
    assert (memory.state, memory.correct, memory.due) == (State.Relearning, False, AT + 2 * DAY + 10 * MINUTE)
    follow_answer(memory, Rating.Good, AT + 2 * DAY + 10 * MINUTE)
    assert (memory.state, memory.correct) == (State.Review, True)


def test_each_right_answer_makes_the_pause_longer():
    memory = memory_of((Rating.Good, AT))
    pauses = []
    for _ in range(4):
        follow_answer(memory, Rating.Good, memory.due)
        pauses.append((memory.due - memory.last_review).days)
    assert pauses == [11, 46, 163, 497]


def test_an_answer_that_arrives_late_counts_at_the_moment_of_the_last_one():
    memory = memory_of((Rating.Good, AT), (Rating.Again, AT - DAY))
    assert (memory.last_review, memory.due, memory.correct) == (AT, AT + 10 * MINUTE, False)


def test_moments_of_other_time_zones_are_the_same_moments():
    there = AT.astimezone(datetime.strptime("+0700", "%z").tzinfo)
    memory = memory_of((Rating.Good, there))
    assert (memory.due, retrievability(memory, there + 2 * DAY)) == (AT + 2 * DAY, retrievability(memory, memory.due))


@pytest.mark.parametrize(("days", "chance"), [(0, 1.0), (1, 0.9468), (2, 0.9095), (10, 0.7744)])
def test_the_chance_to_remember_falls(days, chance):
    assert round(retrievability(memory_of((Rating.Good, AT)), AT + days * DAY), 4) == chance


def test_a_question_is_remembered_until_it_is_due():
    memory = memory_of((Rating.Good, AT))
    assert [is_remembered(memory, memory.due + wait) for wait in (-MINUTE, 0 * MINUTE)] == [True, False]


def test_a_question_is_not_remembered_after_a_wrong_answer():
    assert not is_remembered(memory_of((Rating.Again, AT)), AT)
