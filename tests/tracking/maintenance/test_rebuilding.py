"""rebuild_profiles: after any actions of a learner it finds nothing to correct, and it corrects wrong numbers."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import APIException

from gamification.awards.activity import check_in, protect_today
from gamification.models import Achievement, FirstTime, LearnerProfile
from gamification.streaks.changing_zones import change_time_zone
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.maintenance.rebuilding import Difference, rebuild_profiles
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, end_session, release_completion, start_session

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def differences():
    return list(rebuild_profiles(write=False, at=NOON))


@pytest.fixture
def levels():
    kinds = {"maze": "simulation", "quiz": "challenge", "arena": "mode"}
    return [
        LevelFactory(level_id=name, kind=kind, category=f"{name}s", max_score=100, pass_score=30)
        for name, kind in kinds.items()
    ]


def play(learner, level="maze", at=NOON, **claim):
    claim = {"score": 50, "time_spent": 60, **claim}
    return complete_level(learner=learner, claim=Claim(level, **claim), source="api", at=at)


def play_session(learner, level, at):
    session, _ = start_session(learner=learner, level=level, resume=False, at=at)
    end_session(
        learner=learner,
        session_id=session.pk,
        score=80,
        metadata={"words_learned": 3},
        source="web",
        at=at + timedelta(hours=2),
    )


def action_of(learner, kind, level, number, at):
    age, event = timedelta(hours=number % 70), UUID(int=number)
    actions = {
        "play": lambda: play(learner, level, at, score=number % 101, client_event_id=event, occurred_at=at - age),
        "language": lambda: play(
            learner,
            level,
            at,
            client_event_id=event,
            metadata={"language": ["en", "EN", "id"][number % 3], "words_learned": number % 5, "hints_used": 0},
        ),
        "session": lambda: play_session(learner, level, at),
        "check_in": lambda: check_in(learner.pk, at=at),
        "protect": lambda: protect_today(learner.pk, at=at),
        "move": lambda: change_time_zone(learner.pk, ["Asia/Jakarta", "America/Lima"][number % 2], at=at),
        "edit": lambda: Level.objects.filter(level_id=level).update(category=f"new {number}", expected_time_seconds=1),
    }
    return actions[kind]


ACTIONS = st.tuples(
    st.sampled_from(["play", "play", "language", "session", "check_in", "protect", "move", "edit"]),
    st.sampled_from(["maze", "quiz", "arena"]),
    st.integers(0, 1000),
    st.integers(0, 80),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(ACTIONS, min_size=1, max_size=10))
def test_after_any_actions_there_is_nothing_to_correct(actions):
    with transaction.atomic():
        learner, at = UserFactory(), NOON
        for name, kind in [("maze", "simulation"), ("quiz", "challenge"), ("arena", "mode")]:
            LevelFactory(level_id=name, kind=kind, category=name, max_score=100, pass_score=30)
        Achievement.objects.create(
            achievement_id="two", name="Two", category="x", condition={"type": "consecutive_days", "days": 2}
        )
        for kind, level, number, wait in actions:
            at += timedelta(hours=wait)
            try:
                with transaction.atomic():
                    action_of(learner, kind, level, number, at)()
            except APIException:
                pass  # refused, like an event id that is used again
        assert differences() == []
        transaction.set_rollback(True)


def test_held_completions_count_when_they_are_released(learner, levels):
    Level._base_manager.filter(level_id="maze").update(metadata={"min_seconds": 100})  # without a history of changes
    play(learner)
    assert differences() == []
    assert LearnerProfile.objects.get().counters == {}
    release_completion(Completion.objects.get(), at=NOON)
    assert differences() == []
    assert LearnerProfile.objects.get().levels_completed == 1


SPOILED = {
    "streak_run": 9,
    "longest_streak": 9,
    "active_days": 9,
    "last_day": NOON.date() - timedelta(days=9),
    "has_later_days": True,
    "last_active_day": None,
    "last_completed_day": None,
    "alive_until": None,
    "streak_expires_at": None,
    "freezes_available": 0,
    "levels_completed": 9,
    "achievements_unlocked": 9,
    "counters": {"completions": 9, "rumours": 1},
}


def test_wrong_numbers_are_corrected(learner, levels, capsys):
    for number, level in enumerate(["maze", "quiz", "arena", "maze"]):
        play(learner, level, NOON + timedelta(days=number), metadata={"language": "id", "mistakes": 2})
    right = LearnerProfile.objects.values().get()
    LearnerProfile.objects.update(**SPOILED)
    FirstTime.objects.filter(metric="languages").delete()
    FirstTime.objects.create(learner=learner, metric="levels_completed", value="999")
    found = {difference.field: difference for difference in differences()}
    assert set(found) == {*SPOILED, "first_times"}
    assert found["streak_run"] == Difference(learner.pk, "streak_run", found=9, derived=4)
    with pytest.raises(CommandError, match="14 numbers differ"):
        call_command("rebuild_profiles", "--dry-run")
    assert f"learner {learner.pk}: streak_run 9 -> 4" in capsys.readouterr().out
    assert LearnerProfile.objects.get().streak_run == 9
    call_command("rebuild_profiles")
    assert "14 numbers put right" in capsys.readouterr().out
    # One more revision notifies the leaderboards.
    assert LearnerProfile.objects.values().get() == right | {"revision": right["revision"] + 1}
    call_command("rebuild_profiles", "--dry-run")
    assert "Every number is right" in capsys.readouterr().out


def test_total_xp_is_not_rebuilt(learner, levels):
    play(learner)
    before = LearnerProfile.objects.get().total_xp
    LearnerProfile.objects.update(streak_run=7)
    call_command("rebuild_profiles")
    assert LearnerProfile.objects.get().total_xp == before > 0


def test_each_batch_of_learners_costs_the_same(levels):
    costs = []
    for count in [1, 3]:
        for learner in UserFactory.create_batch(count):
            play(learner)
        with CaptureQueriesContext(connection) as captured:
            assert differences() == []
        costs.append(len(captured))
    assert costs[0] == costs[1]
