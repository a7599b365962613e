"""Which questions are drawn: missed ones first, then those never seen, then those not seen for the longest time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from levels.models import Question
from tests.factories import LevelFactory, UserFactory
from tests.tracking.plays.content import QuestionFactory
from tracking.models import QuestionMemory
from tracking.plays import drawing
from tracking.plays.drawing import draw

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def pool(level):
    level.questions_per_play = 4
    level.save()
    return QuestionFactory.create_batch(8, level=level)


def remember(learner, question, *, correct, days_ago):
    at = NOW - timedelta(days=days_ago)
    state = {"state": 2, "stability": 1, "difficulty": 5, "due": at, "last_review": at}
    QuestionMemory.objects.create(learner=learner, question=question, correct=correct, **state)


def keys(questions):
    return {question.pk for question in questions}


def test_as_many_are_drawn_as_the_level_says_and_each_once(learner, level, pool):
    drawn = draw(learner.pk, level, "seed")
    assert (len(drawn), len(set(drawn)), set(drawn) <= keys(pool)) == (4, 4, True)


def test_all_are_drawn_where_the_level_says_nothing_or_has_too_few(learner, level, pool):
    for count in [None, 50]:
        level.questions_per_play = count
        assert sorted(draw(learner.pk, level, "seed")) == sorted(keys(pool))


def test_no_play_asks_more_than_a_hundred(learner, level):
    Question.objects.bulk_create(QuestionFactory.build_batch(101, level=level))
    assert len(draw(learner.pk, level, "seed")) == 100


def test_missed_ones_come_first_then_unseen_then_those_of_longest_ago(learner, level, pool):
    for number, question in enumerate(pool[:6]):
        remember(learner, question, correct=number >= 2, days_ago=number + 1)
    for other in [UserFactory(), UserFactory()]:
        remember(other, pool[7], correct=False, days_ago=9)
    level.questions_per_play = 6
    drawn = draw(learner.pk, level, "seed")
    assert (set(drawn[:2]), set(drawn[2:4]), set(drawn[4:])) == (keys(pool[:2]), keys(pool[6:]), keys(pool[4:6]))


def test_unpublished_questions_and_those_of_other_levels_are_not_drawn(learner, level, pool):
    remember(learner, pool[0], correct=False, days_ago=1)
    Question.objects.filter(pk__in=[pool[0].pk, pool[1].pk]).update(published=False)
    remember(learner, QuestionFactory(level=LevelFactory()), correct=False, days_ago=1)
    level.questions_per_play = None
    assert set(draw(learner.pk, level, "seed")) == keys(pool[2:])


def test_another_play_draws_others_in_another_order(learner, level, pool):
    draws = {tuple(draw(learner.pk, level, f"seed {number}")) for number in range(20)}
    assert len(draws) > 15
    assert {key for drawn in draws for key in drawn} == keys(pool)


@pytest.mark.parametrize("place", [0.0, 0.5, 0.999])
def test_from_any_place_on_the_whole_circle_is_looked_through(learner, level, pool, place):
    assert set(drawing._never_seen(learner.pk, level, place, 100)) == keys(pool)
