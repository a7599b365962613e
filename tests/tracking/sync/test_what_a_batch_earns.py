"""POST sync: days, XP, unlocks and held results of a batch."""

import pytest

from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS
from gamification.models import ActivityDay, LearnerProfile, LedgerEntry, Unlock
from tests.factories import LevelFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, metric
from tracking.models import Completion
from tracking.recording.services import release_completion

from .conftest import DAY, HOUR, NOW, completion_event

pytestmark = pytest.mark.django_db


def test_activity_days_are_the_days_of_the_events(sync, levels, learner):
    results = sync(completion_event("one", 2 * DAY), completion_event("two", DAY), completion_event("three"))
    assert [result["streak"]["current_streak"] for result in results] == [1, 2, 3]
    assert [entry["reason"] for entry in results[1]["entries"]] == ["level_completion", "streak_bonus"]
    dates = ActivityDay.objects.filter(learner=learner, completed=True).values_list("date", flat=True)
    assert [date.isoformat() for date in dates] == ["2026-03-18", "2026-03-19", "2026-03-20"]


def test_a_shuffled_queue_makes_the_streak_that_an_orderly_one_makes(sync, sign_in, learner, levels):
    LevelFactory(level_id="arena", kind="mode")
    events = [completion_event("arena", days * DAY) for days in (2, 5, 0, 3, 4, 1)]
    other = UserFactory()
    sync(*events), sync(*sorted(events, key=lambda event: event["occurred_at"]), client=sign_in(other))
    lines = [
        list(LedgerEntry.objects.filter(learner=each).values_list("sequence", "delta", "effective_at"))
        for each in (learner, other)
    ]
    assert lines[0] == lines[1]
    assert LearnerProfile.objects.get(pk=learner.pk).streak_run == 6


def test_weekly_and_monthly_boards_count_xp_on_the_day_of_the_event(sync, learner, levels):
    LevelFactory(level_id="arena", kind="mode")
    sync(
        completion_event("arena", DAY, score=100),
        completion_event("arena", 10 * DAY, score=200),
        completion_event("arena", 29 * DAY, score=300),
    )
    scores = {name: board(METRICS[name]).rank_of(learner.pk, at=NOW).score for name in ("xp_weekly", "xp_monthly")}
    assert scores == {"xp_weekly": 11, "xp_monthly": 36}


def test_a_level_played_again_in_a_batch_pays_only_what_is_better(sync, levels):
    scores = [300, 100, 800, 800]
    results = sync(*[completion_event("one", HOUR * (9 - turn), score=score) for turn, score in enumerate(scores)])
    assert [result["awarded_xp"] for result in results] == [13, 0, 5, 0]
    assert results[2]["xp_breakdown"][-1] == {"factor": "already_paid", "value": -13}


def test_what_two_events_of_a_batch_could_each_unlock_is_unlocked_once(sync):
    LevelFactory(level_id="arena", kind="mode")
    condition = {"any": [{"type": "xp", "threshold": 30}, metric("words_learned", 80)]}
    achievement = AchievementFactory(condition=condition, xp_reward=7)
    results = sync(*[completion_event("arena", HOUR * hour, metadata={"words_learned": 30}) for hour in (4, 3, 2, 1)])
    unlocked = [[each["achievement_id"] for each in result["unlocked_achievements"]] for result in results]
    assert unlocked == [[], [achievement.achievement_id], [], []]
    assert [result["total_awarded_xp"] for result in results] == [18, 25, 18, 18]
    assert Unlock.objects.get().earned_at == NOW - 3 * HOUR


def test_a_held_event_pays_when_it_is_released_and_a_retry_says_so(sync, learner):
    LevelFactory(level_id="slow", metadata={"min_seconds": 60})
    event = completion_event("slow", DAY, time_spent=59)
    [held] = sync(event)
    assert (held["status"], held["held"], held["awarded_xp"], held["entries"]) == ("held", True, 0, [])
    release_completion(Completion.objects.get(), at=NOW)
    [again] = sync(event)
    assert (again["status"], again["held"], again["awarded_xp"]) == ("replayed", False, 18)
    assert LedgerEntry.objects.get().effective_at == NOW - DAY
