"""The query for everybody who has earned something agrees with the engine for one learner."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gamification.awards.activity import check_in
from gamification.conditions.engine import holds
from gamification.earnables.candidates import would_earn
from gamification.earnables.unlocking import values_of
from gamification.models import LearnerProfile
from gamification.rule_sets.publishing import published_rules
from gamification.staff.backfill import grant_chunk
from tests.factories import StaffFactory, UserFactory, adjust

from .candidates import NOW, days_ago, earners
from .factories import XP_1000, AchievementFactory, conditions, metric

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def test_a_running_streak_counts_as_current_and_an_expired_one_does_not():
    alive, lapsed = UserFactory.create_batch(2)
    for days in [1, 0]:
        check_in(alive.pk, at=days_ago(days))
        check_in(lapsed.pk, at=days_ago(days + 30))
    owner = AchievementFactory(condition=metric("current_streak", 2))
    assert earners(owner) == [alive.pk]
    assert [grant.moment for grant in grant_chunk(owner, after=0, quiet=False, at=NOW).grants] == [NOW]


def test_a_streak_is_zero_from_the_moment_it_expires(learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(streak_run=5, streak_expires_at=NOW)
    owner, profile = (
        AchievementFactory(condition=metric("current_streak", 2)),
        LearnerProfile.objects.get(pk=learner.pk),
    )
    before, rules = NOW - timedelta(microseconds=1), published_rules()
    assert [list(would_earn(owner, rules, at=at)) for at in [before, NOW]] == [[profile], []]
    assert [values_of(profile, rules, at)["current_streak"] for at in [before, NOW]] == [5, 0]


def test_nobody_reaches_a_level_beyond_the_curve(learner):
    adjust(learner_id=learner.pk, amount=1_000_000, reason="A gift", actor=StaffFactory(), at=NOW)
    assert earners(AchievementFactory(condition={"type": "level", "level": 100})) == []
    assert earners(AchievementFactory(condition={"type": "level", "level": 101})) == []
    assert earners(AchievementFactory(condition={"any": [{"type": "level", "level": 101}, XP_1000]})) == [learner.pk]


NUMBERS = st.integers(0, 25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    conditions(),
    st.integers(0, 400),
    st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    st.dictionaries(st.sampled_from(["completions", "words_learned", "languages", "attempts_passed"]), NUMBERS),
    st.sampled_from([None, NOW, NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)]),
)
def test_the_database_and_the_engine_agree_on_who_has_earned_it(learner, condition, xp, columns, counters, expires):
    names = ["levels_completed", "achievements_unlocked", "active_days", "streak_run", "longest_streak"]
    fields = {**dict(zip(names, columns, strict=True)), "counters": counters, "streak_expires_at": expires}
    with transaction.atomic():
        LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=xp, **fields)
        rules = published_rules()
        profile = LearnerProfile.objects.get(pk=learner.pk)
        by_engine = [learner.pk] if holds(condition, values_of(profile, rules, NOW)) else []
        assert earners(AchievementFactory.build(pk=1, condition=condition)) == by_engine
        transaction.set_rollback(True)
