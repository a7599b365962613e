"""A batch of any content stores exactly what its events store when each of them is sent alone."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rest_framework.exceptions import APIException

from gamification.awards.activity import check_in
from gamification.earnables.catalogue import load_catalogue, shipped_files
from gamification.models import (
    ActivityDay,
    BadgeAward,
    FirstTime,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    Unlock,
    XPRuleSet,
)
from gamification.pricing.rules import DEFAULT_RULES
from gamification.rule_sets.publishing import publish_rule_set
from gamification.staff.amnesties import grant_amnesty
from gamification.streaks.changing_zones import change_time_zone
from levels.errors import LevelLocked
from tests.factories import StaffFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory
from tests.state_machine.world import LEVELS, make_level
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion, LearningSession
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level
from tracking.sync.batch import sync
from tracking.sync.events import Event, SessionData, Status

from .conftest import NOW

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "hints_used": st.integers(0, 1),
        "words_learned": st.sampled_from([0, 10, 40, 500]),
        "language": st.sampled_from(["en", "en-GB", "id"]),
    },
)
RESULTS = st.fixed_dictionaries(
    {
        "id": st.integers(0, 40),  # sometimes the same: then the batch holds the event twice
        "level": st.sampled_from([*(facts.level_id for facts in LEVELS), "nowhere"]),
        "share": st.sampled_from([0, 50, 70, 85, 85, 100, 100, 110]),  # percent of the highest score
        "seconds": st.sampled_from([None, 0, 59, 200, 4000]),
        "hours_ago": st.one_of(st.integers(0, 60), st.integers(0, 31 * 24)),
        "is_session": st.booleans(),
        "metadata": METADATA,
    }
)
BATCHES = st.lists(RESULTS, min_size=4, max_size=40)
# What happened before the batch (in days before now), and the most XP that a day pays (`cap`).
CIRCUMSTANCES = st.fixed_dictionaries(
    {
        "checked_in": st.lists(st.integers(0, 20), max_size=4, unique=True),
        "moved": st.one_of(st.none(), st.tuples(st.integers(1, 20), st.sampled_from(["Asia/Jakarta", "Pacific/Niue"]))),
        "outage": st.one_of(st.none(), st.integers(1, 20)),
        "cap": st.sampled_from([None, None, 40]),
    }
)


@pytest.fixture
def _world(db):
    levels = {}
    for facts in LEVELS:
        levels[facts.level_id] = make_level(facts, prerequisites=[levels[needed] for needed in facts.needs])
    load_catalogue(shipped_files())
    # One condition with two thresholds, and one whose metric can reach its threshold more than once.
    either = {"any": [{"type": "xp", "threshold": 60}, {"type": "metric", "name": "words_learned", "threshold": 40}]}
    again = {"type": "metric", "name": "current_streak", "threshold": 2}
    for number, condition in enumerate([either, again]):
        AchievementFactory(achievement_id=f"made-{number}", xp_reward=7, condition=condition)


def events_of(results):
    """Results with the same id are copies of one event."""
    events = {}
    return [events.setdefault(result["id"], event_of(result)) for result in results]


def event_of(result):
    highest = next((facts.max_score for facts in LEVELS if facts.level_id == result["level"]), 1000)
    score, at = highest * result["share"] // 100, NOW - HOUR * result["hours_ago"]
    is_session = result["is_session"] and result["seconds"] is not None
    claim = Claim(
        level=result["level"],
        score=score,
        time_spent=result["seconds"],
        metadata=result["metadata"],
        client_event_id=UUID(int=result["id"], version=4),
        occurred_at=at,
    )
    started = at - timedelta(seconds=result["seconds"] or 0)
    return Event(claim, SessionData(start_time=started, score=score) if is_session else None)


def make_learner(circumstances):
    learner = UserFactory()
    for days in sorted(circumstances["checked_in"], reverse=True):
        check_in(learner.pk, at=NOW - DAY * days)
    if circumstances["moved"]:
        days, zone = circumstances["moved"]
        change_time_zone(learner.pk, zone, at=NOW - DAY * days)
    return learner


def limit_daily_xp(cap):
    if cap:
        draft = XPRuleSet.objects.create(version=77, rules={**DEFAULT_RULES, "daily_xp_cap": cap})
        publish_rule_set(draft, at=NOW - 60 * DAY)


def grant_amnesty_for_outage(days_ago):
    """No learner's days contain it yet: their next event adds it."""
    if days_ago is not None:
        starts_at = NOW - DAY * days_ago
        grant_amnesty(starts_at=starts_at, ends_at=starts_at + 3 * DAY, reason="?", actor=StaffFactory(), at=NOW)


def send_one_by_one(learner, events):
    """Each event once, in the order in which they happened; locked ones again after the others, as long as that helps.

    Copies of an event are left out: in a batch they only repeat its result.
    """
    once = {event.claim.client_event_id: event for event in events}
    waiting = sorted(once.values(), key=lambda event: event.claim.occurred_at)
    while waiting:
        locked = [event for event in waiting if send_alone(learner, event) == "locked"]
        if len(locked) == len(waiting):
            return
        waiting = locked


def send_alone(learner, event):
    if event.session_data:
        [verdict] = sync(learner=learner, events=[event], at=NOW)
        is_locked = verdict.status == Status.REJECTED and isinstance(verdict.problem, LevelLocked)
        return "locked" if is_locked else "done"
    try:
        with transaction.atomic():
            complete_level(learner=learner, claim=event.claim, source="api", at=NOW)
    except APIException as refusal:
        return "locked" if isinstance(refusal, LevelLocked) else "done"
    return "done"


def stored_for(learner):
    """All that completions write, with event ids instead of primary keys."""
    completions = {str(row.pk): row for row in Completion.objects.filter(learner=learner)}
    profile = LearnerProfile.objects.filter(pk=learner.pk).values(*LearnerProfile.RUNNING_TOTALS).get()
    entries = LedgerEntry.objects.filter(learner=learner).order_by("sequence")
    return {
        "profile": profile,
        "entries": [entry_of(entry, completions) for entry in entries],
        "completions": sorted(map(content_of, completions.values())),
        "sessions": rows_of(
            LearningSession, learner, "level", "status", "start_time", "end_time", "score", "time_spent"
        ),
        "days": rows_of(ActivityDay, learner, "date", "kind", "completed"),
        "freezes": rows_of(FreezeEvent, learner, "kind", "delta", "date"),
        "firsts": rows_of(FirstTime, learner, "metric", "value"),
        "unlocks": rows_of(Unlock, learner, "achievement", "earned_at"),
        "badges": rows_of(BadgeAward, learner, "badge", "awarded_at"),
    }


def entry_of(entry, completions):
    paid_for = completions.get(entry.reference_id)
    reference = str(paid_for.client_event_id) if entry.reference_type == "completion" else entry.reference_id
    content = (
        entry.delta,
        entry.reason,
        entry.balance_after,
        entry.subject,
        entry.metadata,
        entry.effective_at,
        entry.created_at,
    )
    return reference, *content


def content_of(row):
    answer = {**row.answer, "session_id": None}
    facts = row.level_id, row.score, row.time_spent, row.passed, row.held, row.occurred_at, row.study_seconds
    return str(row.client_event_id), *facts, json.dumps(answer, sort_keys=True)


def rows_of(model, learner, *names):
    return sorted(model.objects.filter(learner=learner).values_list(*names), key=str)


def result(identifier, level, share, hours_ago, seconds=None):
    timing = {"seconds": seconds, "hours_ago": hours_ago, "is_session": False}
    return {"id": identifier, "level": level, "share": share, "metadata": {}, **timing}


QUIET = {"checked_in": [], "moved": None, "outage": None, "cap": None}


@pytest.mark.usefixtures("_world")
# The gift is locked until the quiz is passed, and the batch holds it twice. The copy is not a second try: the gift is
# tried again after all other events, so the total in the answer for the maze does not contain the XP of the gift.
@example(
    before=[],
    results=[
        result(0, "gift", 100, 6),
        result(3, "quiz", 100, 6),
        result(0, "gift", 100, 6),
        result(5, "maze", 0, 0),
    ],
    circumstances=QUIET,
)
@hypothesis_settings(max_examples=60, deadline=None)
@given(before=BATCHES, results=BATCHES, circumstances=CIRCUMSTANCES)
def test_a_batch_stores_what_its_events_store_one_by_one(before, results, circumstances):
    with transaction.atomic(), override_settings(TRUST_LIMITS=False):
        limit_daily_xp(circumstances["cap"])
        one, other = make_learner(circumstances), make_learner(circumstances)
        for learner in (one, other):
            send_one_by_one(learner, events_of({**result, "id": result["id"] + 100} for result in before[:5]))
        grant_amnesty_for_outage(circumstances["outage"])
        events = events_of(results)
        verdicts = sync(learner=one, events=events, at=NOW)
        send_one_by_one(other, events)
        assert stored_for(one) == stored_for(other)
        assert list(rebuild_profiles(write=False, at=NOW)) == []
        assert_answers_are_stored(one, events, verdicts)
        transaction.set_rollback(True)


def assert_answers_are_stored(learner, events, verdicts):
    """Each answer is the stored one; nothing is stored for a rejected event."""
    stored = dict(Completion.objects.filter(learner=learner).values_list("client_event_id", "answer"))
    assert [verdict.answer for verdict in verdicts] == [stored.get(event.claim.client_event_id) for event in events]
