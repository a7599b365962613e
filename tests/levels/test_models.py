import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion

pytestmark = pytest.mark.django_db


def passed(*levels):
    """The completions of somebody who has passed these levels and no others."""
    learner, at = UserFactory(), timezone.now()
    facts = {"score": 1, "max_score": 1, "passed": True, "perfect": True, "occurred_at": at, "created_at": at}
    Completion.objects.bulk_create(Completion(learner=learner, level=level, **facts) for level in levels)
    return Completion.objects.passed_levels(learner)


@pytest.mark.parametrize("ref", ["level-1", 7, "7", "0007"])
def test_all_references_find_the_same_row(ref):
    level = LevelFactory(level_id="level-1", number=7, name="The Maze")
    LevelFactory(number=None)
    assert list(Level.objects.named(ref)) == [level]


def test_a_name_is_a_reference_only_where_it_is_asked_for():
    level = LevelFactory(name="The Maze")
    assert list(Level.objects.named("The Maze", by_name=True)) == [level]
    assert list(Level.objects.named("The Maze")) == []


def test_the_identifier_wins_over_another_levels_name():
    level = LevelFactory(level_id="maze", name="Something else")
    LevelFactory(level_id="other", name="maze")
    assert list(Level.objects.named("maze", by_name=True)) == [level]


def test_unpublished_levels_have_names_too():
    level = LevelFactory(published=False)
    assert list(Level.objects.named(level.level_id)) == [level]


@pytest.mark.parametrize("ref", ["", "nothing", 0, -1, 2**31, 10**40, "9" * 5000, "a\x00b", "²", "٣", "1.0", "Level-1"])
def test_what_names_nothing_finds_nothing(ref):
    LevelFactory(level_id="level-1", number=1)
    assert list(Level.objects.named(ref, by_name=True)) == []


def test_visible_levels_are_the_published_ones():
    level = LevelFactory()
    LevelFactory(published=False)
    assert list(Level.objects.visible()) == [level]


def test_missing_prerequisites_are_those_not_passed():
    first, second = LevelFactory(name="A"), LevelFactory(name="B")
    level = LevelFactory(prerequisites=[first, second])
    assert level.missing_prerequisites(passed()) == [first, second]
    assert level.missing_prerequisites(passed(first)) == [second]
    assert level.missing_prerequisites(passed(first, second)) == []


def test_has_missing_takes_one_statement_for_all_levels(django_assert_num_queries):
    free = LevelFactory(level_id="free")
    LevelFactory(level_id="half", prerequisites=[free, LevelFactory(level_id="hard")])
    LevelFactory(level_id="ready", prerequisites=[free])
    completions = passed(free)
    with django_assert_num_queries(1):
        found = {level.level_id: level.has_missing for level in Level.objects.with_has_missing(completions)}
    assert found == {"free": False, "hard": False, "half": True, "ready": False}


def test_to_whoever_has_passed_nothing_a_level_is_as_closed_as_it_was():
    level = LevelFactory(prerequisites=[LevelFactory()])
    for nothing in [passed(), Completion.objects.none()]:
        assert Level.objects.with_has_missing(nothing).get(pk=level.pk).has_missing


@pytest.mark.skipif(connection.vendor != "postgresql", reason="compares the pages that PostgreSQL has read")
def test_has_missing_reads_the_same_pages_whatever_was_passed():
    first, others = LevelFactory(), [LevelFactory() for _ in range(20)]
    level = LevelFactory(prerequisites=[first])

    def pages(completions):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        plan = Level.objects.with_has_missing(completions).filter(pk=level.pk).explain(analyze=True, buffers=True)
        return int(re.search(r"shared hit=(\d+)", plan)[1])

    few, many = passed(first), passed(*others * 500, first)
    assert pages(many) <= pages(few) + 2  # the index may be a page deeper


@pytest.mark.parametrize(
    ("flags", "is_open"),
    [({}, True), ({"published": False}, False), ({"unlocked": False}, False), ({"coming_soon": True}, False)],
)
def test_an_open_level_is_published_unlocked_and_there(flags, is_open):
    assert LevelFactory.build(**flags).is_open is is_open


@pytest.mark.parametrize(
    ("metadata", "score", "passes"),
    [
        ({}, 69, False),
        ({}, 70, True),
        ({"min_correct": 4}, 70, True),
        ({"total_questions": 5}, 70, True),
        ({"min_correct": 4, "total_questions": 5}, 79, False),
        ({"min_correct": 4, "total_questions": 5}, 80, True),
        ({"min_correct": 1, "total_questions": 5}, 69, False),
        ({"min_correct": 2, "total_questions": 3}, 66, False),
        ({"min_correct": 5, "total_questions": 7}, 71, False),
        ({"min_correct": 5, "total_questions": 7}, 72, True),
        ({"min_correct": 0, "total_questions": 0}, 70, True),
    ],
)
def test_a_level_is_passed_by_score_and_by_share_of_answers(metadata, score, passes):
    assert LevelFactory.build(max_score=100, pass_score=70, metadata=metadata).passes(score) is passes


@pytest.mark.parametrize(
    ("kind", "policy"), [("mode", "full"), ("simulation", "improvement"), ("challenge", "improvement")]
)
def test_repeat_policy_follows_the_kind_unless_it_is_said(kind, policy):
    assert LevelFactory(kind=kind).repeat_policy == policy
    assert LevelFactory(kind=kind, repeat_policy="none").repeat_policy == "none"


def test_numbered_levels_come_first_then_category_unit_position():
    LevelFactory(level_id="e", number=None, category="b", unit="", position=1)
    LevelFactory(level_id="d", number=None, category="a", unit="u2", position=1)
    LevelFactory(level_id="c", number=None, category="a", unit="u1", position=2)
    LevelFactory(level_id="b", number=2, category="a")
    LevelFactory(level_id="a", number=1, category="z")
    assert [level.level_id for level in Level.objects.in_order()] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    "fault",
    [
        {"level_id": "123"},
        {"level_id": ""},
        {"level_id": "with space"},
        {"level_id": "ümlaut"},
        {"level_id": "progress"},
        {"level_id": "complete"},
        {"name": "42"},
        {"name": ""},
        {"number": 0},
        {"number": -1},
        {"max_score": 0},
        {"max_score": 1_000_001},
        {"pass_score": 101, "max_score": 100},
        {"pass_score": -1},
        {"xp_reward": -1},
        {"xp_reward": 1_000_001},
        {"position": -1},
        {"kind": "movie"},
        {"difficulty": "medium"},
        {"xp_rule": "guess"},
        {"repeat_policy": "twice"},
    ],
    ids=str,
)
def test_both_the_forms_and_the_database_refuse(fault):
    with pytest.raises(ValidationError):
        LevelFactory.build(**fault).full_clean(validate_constraints=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        LevelFactory(**fault)


@pytest.mark.parametrize("field", ["level_id", "number", "name"])
def test_identifiers_are_unique(field):
    level = LevelFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        LevelFactory(**{field: getattr(level, field)})


def test_many_levels_may_have_no_number():
    LevelFactory(number=None)
    LevelFactory(number=None)
    assert Level.objects.count() == 2
