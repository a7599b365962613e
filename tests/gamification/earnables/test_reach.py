"""How many learners meet a condition, and how many are close to it."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from gamification.earnables import reach
from gamification.earnables.reach import Reach, reach_of
from gamification.models import LearnerProfile
from gamification.rule_sets.publishing import published_rules
from tests.factories import UserFactory

from .factories import metric

pytestmark = pytest.mark.django_db


def found(condition):
    return reach_of(condition, published_rules(), at=timezone.now())


WORDS = metric("words_learned", 11)
CASES = [
    (WORDS, Reach(meet=1, close=2)),  # 90 percent of 11 are rounded up: 10
    ({"all": [WORDS, {"type": "xp", "threshold": 100}]}, Reach(meet=0, close=2)),
    ({"any": [WORDS, {"type": "xp", "threshold": 100}]}, Reach(meet=1, close=3)),
    ({"type": "level", "level": 100}, Reach(meet=0, close=0)),
    ({"type": "level", "level": 10_000}, Reach(meet=0, close=0)),  # beyond the curve
]


@pytest.mark.parametrize(("condition", "expected"), CASES)
@pytest.mark.tampers
def test_who_meets_a_condition_and_who_has_nine_tenths_of_it_are_counted(condition, expected):
    for words, xp in [(11, 90), (10, 90), (10, 0), (9, 0), (0, 99)]:
        UserFactory(profile__counters={"words_learned": words}, profile__total_xp=xp)
    UserFactory(is_active=False, profile__counters={"words_learned": 99})
    UserFactory(profile__counters={"words_learned": 99}, profile__erased_at=timezone.now())
    assert found(condition) == expected


def test_without_learners_nobody_is_counted():
    assert found(WORDS) == Reach(0, 0)


def make_learners(count):
    """Every tenth has learned 20 words, every fifth of the others 10."""
    people = get_user_model()
    made = people.objects.bulk_create(people(username=f"many{n}", email=f"many{n}@example.test") for n in range(count))
    words = [20 if n % 10 == 0 else 10 if n % 5 == 0 else 0 for n in range(count)]
    LearnerProfile.objects.bulk_create(
        LearnerProfile(user=one, counters={"words_learned": number}) for one, number in zip(made, words, strict=True)
    )


def test_among_many_learners_the_numbers_are_estimated_from_a_sample(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(reach, "WINDOWS", 5)
    monkeypatch.setattr(reach, "WIDTH", 20)
    make_learners(1_000)
    with django_assert_num_queries(3):  # one of them reads the rules
        assert found(WORDS) == Reach(meet=100, close=100, is_estimate=True)
    assert found(metric("words_learned", 99)) == Reach(meet=0, close=0, is_estimate=True, at_most=30)


def test_a_sample_never_reads_more_rows_than_its_windows_have(monkeypatch):
    monkeypatch.setattr(reach, "WINDOWS", 5)
    monkeypatch.setattr(reach, "WIDTH", 20)
    make_learners(300)
    first = LearnerProfile.objects.order_by("pk").first().pk
    assert LearnerProfile.objects.filter(reach._windows(first, 300)).count() == 100
