"""The consequences of a reversal: the plan shows them, and the reversal has them."""

from datetime import date, timedelta

import pytest

from gamification.awards import activity, adjustments
from gamification.models import ActivityDay, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.reversal_plans import BOARDS, WORDS, BoardChange, plan_reversal
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .reversals import NOON, WHY, achievement, give, total_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def plan(entry, actor=None):
    return plan_reversal(entry, actor=actor or StaffFactory(), at=NOON)


def test_the_plan_shows_xp_level_and_title_before_and_after(learner):
    entry = give(learner, 150)
    planned = plan(entry)
    assert planned.refusal is None
    assert (planned.before.total_xp, planned.before.level.level, planned.before.level.title) == (150, 2, "Novice")
    assert (planned.after.total_xp, planned.after.level.level, planned.after.level.title) == (0, 1, "Novice")


def test_the_plan_shows_boards_with_ranks(learner):
    for amount in [120, 60]:
        give(UserFactory(), amount)
    entry = give(learner, 100)
    give(learner, 30)
    assert plan(entry).boards == [
        BoardChange("xp_all_time", 130, 30, 1, 3),
        BoardChange("xp_weekly", 130, 30),
        BoardChange("xp_monthly", 130, 30),
    ]


def test_a_window_that_the_entry_has_left_does_not_change(learner):
    entries = {days: give(learner, 10, at=NOON - timedelta(days=days)) for days in [40, 29, 6]}
    boards = {days: [board.metric for board in plan(entry).boards] for days, entry in entries.items()}
    assert boards == {
        40: ["xp_all_time"],
        29: ["xp_all_time", "xp_monthly"],
        6: ["xp_all_time", "xp_weekly", "xp_monthly"],
    }


def test_a_learner_who_is_not_listed_has_no_ranks_in_the_plan(learner):
    entry = give(learner, 100)
    LearnerProfile.objects.filter(pk=learner.pk).update(listed=False)
    assert plan(entry).boards == []


def test_a_learner_without_xp_has_no_rank(learner):
    assert plan(give(learner, 100)).boards[0] == BoardChange("xp_all_time", 100, 0, 1, None)


def test_reversing_the_entry_of_an_achievement_revokes_it(learner):
    hundred = achievement("hundred", {"type": "xp", "threshold": 100})
    give(learner, 100)
    entry = LedgerEntry.objects.get(reason="achievement")
    planned = plan(entry)
    assert (planned.revoked, planned.kept, planned.after.total_xp) == (hundred, [], 100)
    assert planned.boards[-1] == BoardChange("achievements_unlocked", 1, 0, 1, None)
    adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.total_xp, profile.achievements_unlocked) == (100, 0)
    assert Unlock.objects.get().revoked_at == NOON
    give(learner, 1)
    activity.check_achievements(learner.pk, at=NOON)
    assert not Unlock.objects.held().exists()


def test_other_achievements_stay_and_those_that_would_not_be_earned_now_are_listed(learner):
    achievement("hundred", {"type": "xp", "threshold": 100}, xp_reward=0)
    achievement("one", {"type": "xp", "threshold": 1}, xp_reward=0)
    achievement("second", {"type": "level", "level": 2}, xp_reward=0)
    give(learner, 60)
    planned = plan(give(learner, 50))
    assert [(kept.achievement.achievement_id, kept.words) for kept in planned.kept] == [
        ("hundred", "total XP reaches 100"),
        ("second", "player level reaches 2"),
    ]
    assert planned.revoked is None
    adjustments.reverse(planned.entry, actor=StaffFactory(), at=NOON, **WHY)
    assert Unlock.objects.held().count() == 3


def test_an_achievement_that_was_reached_by_the_xp_of_another_is_listed(learner):
    achievement("hundred", {"type": "xp", "threshold": 100})
    achievement("collector", {"type": "xp", "threshold": 150}, xp_reward=0)
    give(learner, 100)
    planned = plan(LedgerEntry.objects.get(reason="achievement"))
    assert [kept.achievement.achievement_id for kept in planned.kept] == ["collector"]


def test_returned_xp_unlocks_what_the_plan_shows(learner):
    give(learner, 120)
    fine = give(learner, -60)
    achievement("hundred", {"type": "xp", "threshold": 100})
    planned = plan(fine)
    assert ([found.achievement_id for found in planned.earned.achievements], planned.after.total_xp) == (
        ["hundred"],
        170,
    )
    assert planned.boards == [
        BoardChange("xp_all_time", 60, 170, 1, 1),
        BoardChange("xp_weekly", 60, 170),
        BoardChange("xp_monthly", 60, 170),
        BoardChange("achievements_unlocked", 0, 1, None, 1),
    ]
    adjustments.reverse(fine, actor=StaffFactory(), at=NOON, **WHY)
    assert Unlock.objects.get().learner == learner
    assert total_of(learner) == 170


def test_the_streak_day_stays(learner):
    LevelFactory(level_id="arena", kind="mode")
    for days_ago in [1, 0]:
        claim = Claim("arena", 1 + days_ago, occurred_at=NOON - timedelta(days=days_ago))
        complete_level(learner=learner, claim=claim, source="api", at=NOON)
    bonus = LedgerEntry.objects.get(reason="streak_bonus")
    completion = LedgerEntry.objects.filter(reason="level_completion").last()
    assert [plan(entry).streak_day for entry in [bonus, completion, give(learner, 1)]] == [
        date(2026, 3, 10),
        date(2026, 3, 10),
        None,
    ]
    for entry in [bonus, completion]:
        adjustments.reverse(entry, actor=StaffFactory(), at=NOON, **WHY)
    assert ActivityDay.objects.filter(kind="active").count() == 2
    assert LearnerProfile.objects.get(pk=learner.pk).streak_run == 2


def test_every_board_that_a_reversal_changes_has_a_name():
    assert {metric.name for metric in BOARDS} == set(WORDS)
    assert BoardChange("xp_weekly", 30, 0).words == "Leaderboard of the last 7 days"
