import pytest
from django.utils import timezone

from skillquest.pages.next_step import next_step_of
from tests.factories import LevelFactory, UserFactory
from tracking.plays.services import start_play

pytestmark = pytest.mark.django_db


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


def test_it_is_no_level_whose_result_waits_for_staff(learner, ask, report):
    first, second = LevelFactory(number=1, metadata={"min_seconds": 60}), LevelFactory(number=2)
    ask(first)
    ask(second)
    assert report(learner, first, time_spent=5)["held"]
    assert level_of(learner) == second
    start_play(learner=learner, level=first.level_id, at=timezone.now())
    assert level_of(learner) == first


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


def test_a_level_that_was_begun_comes_first_even_if_it_was_passed(learner, ask, report):
    first, second = LevelFactory(number=1), LevelFactory(number=2)
    ask(first)
    ask(second)
    report(learner, second)
    start_play(learner=learner, level=second.level_id, at=timezone.now())
    assert level_of(learner) == second
    assert next_step_of(learner, timezone.now()).label == f"Go on with {second.name}"
    assert level_of(UserFactory()) == first


def test_after_a_level_it_is_another_one_on_the_same_path(learner, ask):
    maze = LevelFactory(number=1, kind="simulation")
    hello, fizz = (LevelFactory(kind="challenge", number=None, level_id=name) for name in ("a-hello", "b-fizz"))
    for level in (maze, hello, fizz):
        ask(level)
    assert next_step_of(learner, timezone.now(), after=hello).step.level == fizz
    assert next_step_of(learner, timezone.now(), after=maze).step.level == hello


def test_it_is_on_the_path_of_the_level_that_was_played_last(learner, ask, report):
    maze = LevelFactory(number=1, kind="simulation")
    hello, fizz = LevelFactory(kind="challenge", pass_score=70), LevelFactory(kind="challenge")
    for level in (maze, hello, fizz):
        ask(level)
    report(learner, hello, score=10)
    assert level_of(learner) == hello
    report(learner, hello, score=100)
    assert level_of(learner) == fizz
    assert level_of(UserFactory()) == maze


def test_after_a_level_it_is_the_one_that_follows_and_then_one_that_was_left_out(learner, ask, report):
    levels = [LevelFactory(number=number, kind="simulation") for number in (1, 2, 3)]
    for level in levels:
        ask(level)
    assert next_step_of(learner, timezone.now(), after=levels[1]).step.level == levels[2]
    assert next_step_of(learner, timezone.now(), after=levels[2]).step.level == levels[0]


def test_a_level_comes_with_what_is_due_for_practice(learner, ask, remember):
    remember(learner, ask(LevelFactory()), -1)
    step = next_step_of(learner, timezone.now())
    assert (step.step is not None, step.due) == (True, 1)


@pytest.mark.parametrize("number", [1, 10])
def test_it_takes_two_statements_whatever_the_catalogue(learner, ask, number, django_assert_num_queries):
    for _ in range(number):
        ask(LevelFactory(unlocked=False))
        LevelFactory(prerequisites=[LevelFactory()])
    with django_assert_num_queries(2):
        next_step_of(learner, timezone.now())
