"""Properties of unlocking: it finds everything, and its work grows linearly."""

import cProfile
import pstats
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gamification.awards.batch import award_batch
from gamification.earnables import unlocking
from gamification.ledger.entries import NewEntry
from gamification.models import Achievement, LearnerProfile, LedgerEntry, Trust
from gamification.profiles.locking import lock_profile, rules_of
from tests.factories import UserFactory

from .factories import AchievementFactory, BadgeFactory, conditions, stock

pytestmark = pytest.mark.django_db


NOON = "2026-11-20T12:00:00Z"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def profile(learner):
    return LearnerProfile.objects.get(pk=learner.pk)


METRICS = ["xp", "level", "achievements_unlocked", "current_streak", "words_learned", "conversations"]


STEPS = st.one_of(
    st.tuples(st.sampled_from(["words_learned", "conversations", "streak_run"]), st.integers(-3, 8)),
    st.tuples(st.just("xp"), st.integers(-50, 150)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(conditions(METRICS, most=12), st.sampled_from([0, 5, 120])), min_size=1, max_size=8),
    st.lists(STEPS, min_size=1, max_size=8),
)
def test_evaluating_changed_metrics_finds_the_same_as_evaluating_everything(learner, catalogue, steps):
    with transaction.atomic():
        for position, (condition, reward) in enumerate(catalogue):
            owner = AchievementFactory if position % 3 else BadgeFactory
            owner(condition=condition, **({"xp_reward": reward} if position % 3 else {}))
        for what, change in steps:
            _move(learner.pk, what, change)
            locked = lock_profile(learner.pk)
            assert unlocking.earn_all(locked, rules_of(locked), at=timezone.now()) == unlocking.Earned()
        transaction.set_rollback(True)


def _move(learner_id, what, change):
    """As a payment does it: values before, change, values after, unlocks and entries."""
    at = timezone.now()
    with award_batch(learner_id, at=at) as batch:
        locked, before = batch.profile, batch.values()
        new_entries = []
        if what == "xp":
            change = max(change, -locked.total_xp)
            reference = f"{locked.last_sequence}"
            reason, trust = LedgerEntry.Reason.MANUAL_ADJUSTMENT, Trust.VERIFIED
            new_entries = [NewEntry(change, reason, "test", reference, at, trust)] if change else []
        elif what == "streak_run":
            locked.streak_run = max(0, locked.streak_run + change)
            locked.streak_expires_at = at + timedelta(days=1)
        else:
            locked.counters[what] = max(0, locked.counters.get(what, 0) + change)
        batch.credit_with_unlocks(new_entries, before=before, earned_at=at, trust=Trust.REPORTED)


def test_the_work_for_a_chain_of_unlocks_grows_with_its_length():
    """Quadratic work would hold the lock of the profile for too long."""

    def count_calls(*, lengthened_to):
        have = Achievement.objects.count()
        stock(
            AchievementFactory.build(xp_reward=1, condition={"type": "xp", "threshold": number + 1})
            for number in range(have, lengthened_to)
        )
        learner = UserFactory()
        with cProfile.Profile() as calls:
            _move(learner.pk, "xp", 1)
        assert profile(learner).achievements_unlocked == lengthened_to
        return pstats.Stats(calls).total_calls

    short = count_calls(lengthened_to=250)
    assert count_calls(lengthened_to=1000) < 6 * short
