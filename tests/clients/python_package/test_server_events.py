"""A server reports what many learners did, in batches."""

import pytest
from skillquest_client import Event, ServerClient

from gamification.models import LearnerProfile, LedgerEntry, Trust
from skillquest.accounts.models import User
from tests.factories import LevelFactory, MetricFactory
from tests.machines.keys import make_key

from .conftest import answer_lost, answering, no_connection


@pytest.fixture
def server(url, options, live_server):
    _, token = make_key()
    return ServerClient(url, token, **options)


def test_a_batch_is_answered_event_by_event_for_many_learners(server, level):
    events = [
        Event.completion(level.level_id, 90, time_spent=60).of("player-1", display_name="Ana"),
        Event.check_in().of("player-2", time_zone="Asia/Jakarta"),
        Event.completion("no-such-level", 90).of("player-1"),
    ]
    first, second, third = server.events(events, create_learners=True)
    assert (first.status, first.reward.trust) == ("created", Trust.VERIFIED)
    assert (second.status, second.reward.streak.current_streak) == ("created", 1)
    assert third.problem.code == "unknown_level"
    assert [each.status for each in server.events(events)] == ["replayed", "replayed", "rejected"]
    assert set(User.objects.exclude(external_id=None).values_list("external_id", flat=True)) == {"player-1", "player-2"}


def test_without_create_learners_an_unknown_learner_is_rejected(server, level):
    (outcome,) = server.events([Event.completion(level.level_id, 90).of("nobody")])
    assert outcome.problem.code == "learner_not_found"


def test_an_outbox_sends_thousands_of_events_in_batches_of_a_thousand(server, network, tmp_path):
    levels = LevelFactory.create_batch(30, max_score=100)
    events = [
        Event.completion(level.level_id, 90, time_spent=60).of(f"player-{learner}")
        for level in levels
        for learner in range(40)
    ]
    outbox = server.outbox(tmp_path / "outbox.sqlite3", create_learners=True)
    outbox.put(*events)
    network.faults = [None, answer_lost, no_connection, answering(503), no_connection, no_connection]
    first = outbox.drain()
    assert (first.created, first.waiting) == (0, 1_200)
    report = outbox.drain()
    assert (report.replayed, report.created, report.waiting, report.error) == (1_000, 200, 0, None)
    assert len(network.requests) == 1 + 5 + 2  # the first asks for the time
    assert LedgerEntry.objects.filter(reason="level_completion").count() == 1_200
    assert LearnerProfile.objects.filter(user__external_id__startswith="player-").count() == 40


def test_metrics_are_reported_for_many_learners(server, network):
    MetricFactory(metric_id="steps", xp_per_unit="1/10", reported_by="key")
    events = [Event.metric("steps", 50).of(f"player-{number}") for number in range(1, 4)]
    network.faults = [answer_lost]
    assert [outcome.status for outcome in server.events(events, create_learners=True)] == ["replayed"] * 3
    assert set(LearnerProfile.objects.filter(user__external_id__isnull=False).values_list("total_xp", flat=True)) == {5}
    again = server.learner("player-1").record_metric("steps", 50, client_event_id=events[0].client_event_id)
    assert (again.is_new_event, again.total) == (False, 50)
