"""Whatever a batch holds, it leaves the books that the same events leave when they are told one after the other."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import given
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
DEEDS = st.fixed_dictionaries(
    {
        "id": st.integers(0, 40),  # sometimes the same: then the event is told twice
        "level": st.sampled_from([*(facts.level_id for facts in LEVELS), "nowhere"]),
        "share": st.sampled_from([0, 50, 70, 85, 85, 100, 100, 110]),  # percent of the highest score
        "seconds": st.sampled_from([None, 0, 59, 200, 4000]),
        "hours_ago": st.one_of(st.integers(0, 60), st.integers(0, 31 * 24)),
        "sits": st.booleans(),
        "metadata": METADATA,
    }
)
BATCHES = st.lists(DEEDS, min_size=4, max_size=40)
# What happened to the learner before: day of the check-in, day of the move, day of our outage; and the rules.
LIVES = st.fixed_dictionaries(
    {
        "checked_in": st.lists(st.integers(0, 20), max_size=4, unique=True),
        "moved": st.one_of(st.none(), st.tuples(st.integers(1, 20), st.sampled_from(["Asia/Jakarta", "Pacific/Niue"]))),
        "outage": st.one_of(st.none(), st.integers(1, 20)),
        "cap": st.sampled_from([None, None, 40]),
        "ceiling": st.sampled_from([None, None, 60]),
    }
)


@pytest.fixture
def _world(db):
    levels = {}
    for facts in LEVELS:
        levels[facts.level_id] = make_level(facts, prerequisites=[levels[needed] for needed in facts.needs])
    load_catalogue(shipped_files())
    # Thresholds that are passed one after the other, and one that can be passed twice.
    either = {"any": [{"type": "xp", "threshold": 60}, {"type": "metric", "name": "words_learned", "threshold": 40}]}
    again = {"type": "metric", "name": "current_streak", "threshold": 2}
    for number, condition in enumerate([either, again]):
        AchievementFactory(achievement_id=f"made-{number}", xp_reward=7, condition=condition)


def events_of(deeds):
    known = {}
    return [known.setdefault(deed["id"], event_of(deed)) for deed in deeds]


def event_of(deed):
    highest = next((facts.max_score for facts in LEVELS if facts.level_id == deed["level"]), 1000)
    score, at = highest * deed["share"] // 100, NOW - HOUR * deed["hours_ago"]
    sits = deed["sits"] and deed["seconds"] is not None
    claim = Claim(
        level=deed["level"],
        score=score,
        time_spent=deed["seconds"],
        metadata=deed["metadata"],
        client_event_id=UUID(int=deed["id"], version=4),
        occurred_at=at,
    )
    began = at - timedelta(seconds=deed["seconds"] or 0)
    return Event(claim, SessionData(start_time=began, score=score) if sits else None)


def live(life):
    """A learner in the middle of a life."""
    learner = UserFactory()
    for days in sorted(life["checked_in"], reverse=True):
        check_in(learner.pk, at=NOW - DAY * days)
    if life["moved"]:
        days, zone = life["moved"]
        change_time_zone(learner.pk, zone, at=NOW - DAY * days)
    return learner


def change_the_rules(life):
    if life["cap"]:
        draft = XPRuleSet.objects.create(version=77, rules={**DEFAULT_RULES, "daily_xp_cap": life["cap"]})
        publish_rule_set(draft, at=NOW - 60 * DAY)


def forgive(life):
    """Nobody's days know of it yet: the first event has to write it into them."""
    if life["outage"] is not None:
        starts_at = NOW - DAY * life["outage"]
        grant_amnesty(starts_at=starts_at, ends_at=starts_at + 3 * DAY, reason="?", actor=StaffFactory(), at=NOW)


def tell_one_by_one(learner, events):
    """In the order in which they happened; what is locked then once more after the others, as long as that helps."""
    waiting = sorted(events, key=lambda event: event.claim.occurred_at)
    while waiting:
        locked = [event for event in waiting if is_locked(learner, event)]
        if len(locked) == len(waiting):
            return
        waiting = locked


def is_locked(learner, event):
    if event.session_data:
        [verdict] = sync(learner=learner, events=[event], at=NOW)
        return verdict.status == Status.REJECTED and isinstance(verdict.problem, LevelLocked)
    try:
        with transaction.atomic():
            complete_level(learner=learner, claim=event.claim, source="api", at=NOW)
    except APIException as refusal:
        return isinstance(refusal, LevelLocked)
    return False


def books(learner):
    """All that deeds write, with event ids instead of the numbers of rows."""
    completions = {str(row.pk): row for row in Completion.objects.filter(learner=learner)}
    profile = LearnerProfile.objects.filter(pk=learner.pk).values(*LearnerProfile.RUNNING_TOTALS).get()
    lines = LedgerEntry.objects.filter(learner=learner).order_by("sequence")
    return {
        "profile": profile,
        "lines": [line_of(line, completions) for line in lines],
        "completions": sorted(map(completion_of, completions.values())),
        "sessions": rows_of(
            LearningSession, learner, "level", "status", "start_time", "end_time", "score", "time_spent"
        ),
        "days": rows_of(ActivityDay, learner, "date", "kind", "completed"),
        "freezes": rows_of(FreezeEvent, learner, "kind", "delta", "date"),
        "firsts": rows_of(FirstTime, learner, "metric", "value"),
        "unlocks": rows_of(Unlock, learner, "achievement", "earned_at"),
        "badges": rows_of(BadgeAward, learner, "badge", "awarded_at"),
    }


def line_of(line, completions):
    paid_for = completions.get(line.reference_id)
    reference = str(paid_for.client_event_id) if line.reference_type == "completion" else line.reference_id
    of_line = (
        line.delta,
        line.reason,
        line.balance_after,
        line.subject,
        line.metadata,
        line.effective_at,
        line.created_at,
    )
    return reference, *of_line


def completion_of(row):
    answer = {**row.answer, "session_id": None}
    facts = row.level_id, row.score, row.time_spent, row.passed, row.held, row.occurred_at, row.study_seconds
    return str(row.client_event_id), *facts, json.dumps(answer, sort_keys=True)


def rows_of(model, learner, *names):
    return sorted(model.objects.filter(learner=learner).values_list(*names), key=str)


@pytest.mark.usefixtures("_world")
@hypothesis_settings(max_examples=60, deadline=None)
@given(before=BATCHES, deeds=BATCHES, life=LIVES)
def test_a_batch_leaves_the_books_that_its_events_leave_one_by_one(before, deeds, life):
    with transaction.atomic(), override_settings(XP_PER_HOUR_CEILING=life["ceiling"]):
        change_the_rules(life)
        one, other = live(life), live(life)
        for learner in (one, other):
            tell_one_by_one(learner, events_of({**deed, "id": deed["id"] + 100} for deed in before[:5]))
        forgive(life)
        events = events_of(deeds)
        verdicts = sync(learner=one, events=events, at=NOW)
        tell_one_by_one(other, events)
        assert books(one) == books(other)
        assert list(rebuild_profiles(write=False, at=NOW)) == []
        assert told_as_kept(one, events, verdicts)
        transaction.set_rollback(True)


def told_as_kept(learner, events, verdicts):
    """What the client hears is what is kept; what is rejected leaves nothing."""
    kept = dict(Completion.objects.filter(learner=learner).values_list("client_event_id", "answer"))
    return [verdict.answer for verdict in verdicts] == [kept.get(event.claim.client_event_id) for event in events]
