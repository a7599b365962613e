import uuid

import pytest
from django.db.models import Sum
from django.utils import timezone

from gamification.models import LedgerEntry
from hotsql.tables import ask_each, is_among
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion

pytestmark = pytest.mark.django_db


def passed(learner_id, level_id):
    return Completion.objects.filter(learner_id=learner_id, level_id=level_id, passed=True).values("score")[:1]


def paid(learner_id, subject):
    entries = LedgerEntry.objects.filter(learner_id=learner_id, subject=subject).order_by()
    return entries.values("learner_id").annotate(Sum("delta")).values("delta__sum")


@pytest.fixture
def completion():
    level, at = LevelFactory(), timezone.now()
    own = {"learner": UserFactory(), "level": level, "client_event_id": uuid.uuid4(), "difficulty": "normal"}
    result = {"score": 700, "max_score": 1000, "passed": True, "perfect": False, "source": "sync"}
    return Completion.objects.create(**own, **result, occurred_at=at, created_at=at)


def test_each_tuple_is_asked_about_in_one_statement(completion, django_assert_num_queries):
    own, other = completion.learner_id, UserFactory().pk
    with django_assert_num_queries(1):
        answers = ask_each({(own, completion.level_id), (other, completion.level_id), (own, -1)}, passed)
    assert answers == {(own, completion.level_id): (700,), (other, completion.level_id): (None,), (own, -1): (None,)}


def test_texts_are_values_and_never_part_of_the_statement(completion):
    odd = [(completion.learner_id, text) for text in ["'); DROP TABLE x --", "100 %s", '"', "\\", "ü ☃"]]
    assert ask_each(odd, paid) == dict.fromkeys(odd, (None,))


def test_nothing_is_asked_about_no_tuples(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert ask_each([], passed) == {}


def test_a_row_is_found_by_all_its_values(completion):
    def find(*key):
        return Completion.objects.filter(is_among(Completion, ["learner", "client_event_id"], [key])).first()

    assert find(completion.learner_id, completion.client_event_id) == completion
    assert find(completion.learner_id, uuid.uuid4()) is None
    assert find(completion.learner_id + 1, completion.client_event_id) is None
