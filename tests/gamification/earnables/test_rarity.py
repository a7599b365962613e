"""The percentage of learners who hold an achievement; counted at most every 15 minutes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.earnables.rarity import percent_of, rarity_now
from tests.factories import UserFactory
from tests.threads import at_once

from .factories import AchievementFactory, UnlockFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)


def hold(achievement, count, *, revoked_at=None):
    UnlockFactory.create_batch(count, achievement=achievement, revoked_at=revoked_at)


def percent(achievement, *, minutes=0):
    return percent_of(rarity_now(timezone.now() + timedelta(minutes=minutes)), achievement)


def test_rarity_is_the_percentage_of_learners_who_hold_an_achievement():
    common, rare, unused = AchievementFactory.create_batch(3)
    hold(common, 2)
    hold(rare, 1)
    hold(rare, 3, revoked_at=timezone.now())
    assert [percent(achievement) for achievement in [common, rare, unused]] == [33.33, 16.67, 0.0]


def test_rarity_without_learners_is_zero():
    assert percent(AchievementFactory()) == 0.0


def test_holders_are_counted_again_after_15_minutes():
    achievement = AchievementFactory()
    hold(achievement, 1)
    assert percent(achievement) == 100
    UserFactory()
    assert percent(achievement, minutes=14) == 100
    assert percent(achievement, minutes=15) == 50


def test_holders_are_counted_again_when_the_clock_was_set_back():
    achievement = AchievementFactory()
    hold(achievement, 1)
    assert percent(achievement) == 100
    UserFactory()
    assert percent(achievement, minutes=-15) == 50


def test_a_recent_count_costs_one_statement():
    achievement = AchievementFactory()
    costs = []
    for minutes in [0, 1, 15, 16]:
        with CaptureQueriesContext(connection) as captured:
            percent(achievement, minutes=minutes)
        costs.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert costs[1] == costs[3] == 1
    assert costs[2] == 5


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_requests_one_counts_the_holders():
    rarity_now(timezone.now())
    later = timezone.now() + timedelta(minutes=15)

    def ask():
        with CaptureQueriesContext(connection) as captured:
            rarity_now(later)
        return sum("gamification_unlock" in query["sql"] for query in captured)

    assert sorted(at_once([ask] * 6)) == [0, 0, 0, 0, 0, 1]
