"""What is derived from events of metrics: totals that are rebuilt, dates of achievements, what an erasure leaves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile, MetricTotal, Unlock
from gamification.staff.backfill import backfill
from skillquest.accounts.erasing import erase_person
from tests.factories import MetricFactory
from tests.gamification.earnables.factories import AchievementFactory, metric
from tests.tracking.metrics.reporting import record
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import MetricEvent
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level
from tracking.recording.trust import Reporter

pytestmark = pytest.mark.django_db

NOW = timezone.now()
SERVER = Reporter("sq_live_abc")


@pytest.fixture
def reader(learner, level):
    """5 pages in a completion two days ago, 20 of 30 counted by an event yesterday, 7 by a server today."""
    learner.date_joined = NOW - timedelta(days=9)
    learner.save()
    MetricFactory(per_day_max=20)
    metadata = {"": {"pages_read": 5}}
    when = NOW - timedelta(days=2)
    complete_level(
        learner=learner, claim=Claim(level.level_id, 900, None, "", metadata, uuid4(), when), source="api", at=NOW
    )
    record(learner, 30, at=NOW, occurred_at=NOW - timedelta(days=1))
    record(learner, 7, at=NOW, reporter=SERVER)
    return learner


def totals():
    return list(MetricTotal.objects.order_by("-total").values_list("metric_id", "total", "verified_total", "listed"))


def test_nothing_differs_after_events_and_completions(reader):
    assert totals() == [("pages_read", 32, 7, True)]
    assert list(rebuild_profiles(write=False, at=NOW)) == []


def test_totals_are_rebuilt_from_events_and_completions(reader):
    LearnerProfile.objects.filter(pk=reader.pk).update(counters={"pages_read": 1}, verified_counters={})
    MetricTotal.objects.all().delete()
    fields = {difference.field for difference in rebuild_profiles(write=True, at=NOW)}
    assert {"counters", "verified_counters", "metric_totals"} <= fields
    assert totals() == [("pages_read", 32, 7, True)]
    assert list(rebuild_profiles(write=True, at=NOW)) == []


def test_a_total_that_nothing_explains_becomes_0(reader):
    MetricFactory(metric_id="laps", name="Laps")
    MetricTotal.objects.create(learner=reader, metric_id="laps", total=5, listed=True)
    list(rebuild_profiles(write=True, at=NOW))
    assert totals() == [("pages_read", 32, 7, True), ("laps", 0, 0, True)]


@pytest.mark.parametrize(("threshold", "days_ago"), [(5, 2), (6, 1), (25, 1), (26, 0), (32, 0)])
def test_a_backfill_dates_an_achievement_by_events_and_completions(reader, threshold, days_ago):
    achievement = AchievementFactory(condition=metric("pages_read", threshold))
    list(backfill(achievement, quiet=False))
    assert Unlock.objects.get(achievement=achievement).earned_at == NOW - timedelta(days=days_ago)


def test_of_an_erased_learner_the_numbers_stay_without_event_ids(reader):
    erase_person(user_id=reader.pk, at=NOW)
    assert list(MetricEvent.objects.order_by("pk").values_list("client_event_id", "counted")) == [(None, 20), (None, 7)]
    assert totals() == [("pages_read", 32, 7, False)]
    assert list(rebuild_profiles(write=False, at=NOW)) == []
