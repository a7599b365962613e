from datetime import timedelta

import pytest
from django.utils import timezone

from skillquest.pages.next_step import next_step_of
from tests.factories import LevelFactory, UserFactory
from tracking.models import QuestionMemory

pytestmark = pytest.mark.django_db


@pytest.fixture
def remember():
    """`remember(learner, question, due_in_days)`"""

    def remember(learner, question, due_in_days):
        at = timezone.now()
        due = at + timedelta(days=due_in_days)
        card = {"state": 2, "stability": 1.0, "difficulty": 5.0, "last_review": at, "correct": True}
        return QuestionMemory.objects.create(learner=learner, question=question, due=due, **card)

    return remember


def level_of(learner):
    step = next_step_of(learner, timezone.now())
    return step and step.step.level


def test_it_is_the_first_open_level_on_the_path_that_can_be_played_here(learner, ask):
    second, first = LevelFactory(number=7), LevelFactory(number=3)
    ask(second)
    ask(first)
    assert level_of(learner) == first


@pytest.mark.parametrize(
    "fields", [{"published": False}, {"unlocked": False}, {"coming_soon": True, "unlocked": False}, {"kind": "mode"}]
)
def test_it_is_no_level_that_cannot_be_played_now(learner, ask, fields):
    ask(LevelFactory(**fields))
    assert level_of(learner) is None


def test_it_is_no_level_of_the_app(learner, ask):
    LevelFactory()
    ask(LevelFactory(), published=False)
    assert level_of(learner) is None


def test_it_is_no_level_that_waits_for_another_one(learner, ask):
    ask(LevelFactory(prerequisites=[LevelFactory()]))
    assert level_of(learner) is None


def test_a_passed_level_gives_way_to_the_next_one(learner, ask, report):
    first, second = LevelFactory(number=1), LevelFactory(number=2)
    ask(first)
    ask(second)
    report(learner, first)
    assert level_of(learner) == second
    assert level_of(UserFactory()) == first


def test_then_it_is_practice_that_is_due(learner, ask, report, remember):
    level = LevelFactory()
    questions = [ask(level, question_id=name) for name in ("due", "later", "withdrawn", "of-another")]
    report(learner, level)
    remember(learner, questions[0], -1)
    remember(learner, questions[1], 1)
    remember(learner, questions[2], -1)
    questions[2].published = False
    questions[2].save()
    remember(UserFactory(), questions[3], -1)
    step = next_step_of(learner, timezone.now())
    assert (step.step, step.due) == (None, 1)


def test_with_nothing_open_and_nothing_due_there_is_none(learner):
    assert next_step_of(learner, timezone.now()) is None


@pytest.mark.parametrize("number", [1, 10])
def test_it_takes_two_statements_whatever_the_catalogue(learner, ask, number, django_assert_num_queries):
    for _ in range(number):
        ask(LevelFactory(unlocked=False))
        LevelFactory(prerequisites=[LevelFactory()])
    with django_assert_num_queries(2):
        next_step_of(learner, timezone.now())
