"""What a completion unlocks: immediately, once, with all that follows from it, and nothing else."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from gamification.awards.activity import check_achievements, check_in
from gamification.earnables import unlocking
from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.awards import revoke_achievement, revoke_badge
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust

from .factories import XP_1000, AchievementFactory, BadgeFactory, UnlockFactory, metric

pytestmark = pytest.mark.django_db

NOON = "2026-11-20T12:00:00Z"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def maze():
    """Pays 10 XP for a score of 0, every time."""
    return LevelFactory(level_id="maze", repeat_policy="full")


@pytest.fixture
def play(learner_api, maze, time_machine):
    """`play(words_learned=5)` completes the maze and returns the answer; each time a minute later."""

    def play(score=0, **metadata):
        time_machine.shift(60)
        body = {"level_id": "maze", "score": score, "metadata": metadata}
        answer = learner_api.post("/api/v1/levels/complete", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return play


def unlocked(answer):
    return [achievement["achievement_id"] for achievement in answer["unlocked_achievements"]]


def profile(learner):
    return LearnerProfile.objects.get(pk=learner.pk)


def test_a_completion_answers_with_everything_it_unlocked(play, learner):
    AchievementFactory(
        achievement_id="first",
        name="First",
        icon="bi-geo",
        rarity="rare",
        xp_reward=50,
        condition=metric("completions", 1),
    )
    badge = BadgeFactory(name="Starter", icon_url="/static/starter.svg", condition={"type": "xp", "threshold": 60})
    answer = play()
    keys = ["awarded_xp", "total_awarded_xp", "new_total_xp", "unlocked_achievements", "unlocked_badges", "entries"]
    assert {key: answer[key] for key in keys} == {
        "awarded_xp": 10,
        "total_awarded_xp": 60,
        "new_total_xp": 60,
        "unlocked_achievements": [
            {"achievement_id": "first", "name": "First", "icon": "bi-geo", "rarity": "rare", "xp_reward": 50}
        ],
        "unlocked_badges": [{"id": badge.pk, "name": "Starter", "icon_url": "/static/starter.svg"}],
        "entries": [
            {"reason": "level_completion", "delta": 10, "balance_after": 10},
            {"reason": "achievement", "delta": 50, "balance_after": 60},
        ],
    }
    unlock, award, entry = Unlock.objects.get(), BadgeAward.objects.get(), LedgerEntry.objects.get(reason="achievement")
    moment = timezone.now()
    assert (unlock.learner, unlock.earned_at, unlock.created_at, unlock.quiet) == (learner, moment, moment, False)
    assert (award.learner, award.awarded_at, award.actor, award.metadata) == (learner, moment, None, {})
    assert (entry.reference_type, entry.reference_id, entry.effective_at) == ("achievement", "first", moment)
    assert entry.metadata == {"breakdown": [{"factor": "achievement", "value": 50}]}
    assert profile(learner).achievements_unlocked == 1


def test_an_achievement_is_unlocked_once(play):
    AchievementFactory(achievement_id="first", xp_reward=50, condition=metric("completions", 1))
    assert [unlocked(play()), unlocked(play())] == [["first"], []]
    assert LedgerEntry.objects.filter(reason="achievement").count() == 1


@pytest.mark.parametrize("revoked_at", [None, NOON])
def test_the_database_refuses_a_second_unlock(learner, revoked_at):
    fields = {"learner": learner, "achievement": AchievementFactory(), "earned_at": NOON}
    UnlockFactory(**fields, revoked_at=revoked_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnlockFactory(**fields)


def test_a_threshold_that_is_exceeded_at_once_is_reached(play):
    AchievementFactory(achievement_id="words", condition=metric("words_learned", 100))
    assert [unlocked(play(words_learned=99)), unlocked(play(words_learned=250))] == [[], ["words"]]


def test_a_threshold_that_is_met_exactly_is_reached(play):
    AchievementFactory(achievement_id="words", condition=metric("words_learned", 100))
    assert [unlocked(play(words_learned=99)), unlocked(play(words_learned=1))] == [[], ["words"]]


def test_all_requires_every_part_and_any_requires_one(play):
    parts = [metric("words_learned", 10), metric("conversations", 10)]
    AchievementFactory(achievement_id="all", condition={"all": parts})
    AchievementFactory(achievement_id="any", condition={"any": parts})
    assert [unlocked(play(words_learned=10)), unlocked(play(conversations=10))] == [["any"], ["all"]]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_xp_of_an_unlock_unlocks_more_to_the_end_of_the_chain(play, learner, backwards):
    """Each pays just what the next one requires, in any order of the catalogue."""
    for number in range(20):
        AchievementFactory(
            achievement_id=f"link-{number}",
            position=20 - number if backwards else number,
            xp_reward=100,
            condition={"type": "xp", "threshold": 10 + 100 * number},
        )
    BadgeFactory(name="Last", condition=metric("achievements_unlocked", 20))
    answer = play()
    assert unlocked(answer) == [f"link-{number}" for number in range(20)]
    assert [badge["name"] for badge in answer["unlocked_badges"]] == ["Last"]
    assert answer["new_total_xp"] == 10 + 20 * 100
    assert profile(learner).achievements_unlocked == 20


def test_a_level_reached_by_the_xp_of_an_unlock_unlocks_too(play):
    AchievementFactory(achievement_id="rich", xp_reward=500, condition=metric("completions", 1))
    AchievementFactory(achievement_id="level", condition={"type": "level", "level": 5})
    answer = play()
    assert (unlocked(answer), answer["player_level"], answer["level_up"]) == (["rich", "level"], 5, True)


def test_an_achievement_without_xp_writes_no_entry(play):
    AchievementFactory(achievement_id="honour", xp_reward=0, condition=metric("completions", 1))
    answer = play()
    assert (unlocked(answer), len(answer["entries"])) == (["honour"], 1)


def test_a_draft_is_not_earned(play):
    AchievementFactory(published=False, condition=metric("completions", 1))
    BadgeFactory(published=False, condition=metric("completions", 1))
    answer = play()
    assert (answer["unlocked_achievements"], answer["unlocked_badges"]) == ([], [])


def test_a_check_in_an_adjustment_and_a_freeze_unlock_too(learner):
    AchievementFactory(achievement_id="here", condition=metric("active_days", 1))
    AchievementFactory(achievement_id="given", condition=XP_1000)
    AchievementFactory(achievement_id="frozen", condition=metric("freezes_used", 1))
    checked = check_in(learner.pk, at=timezone.now())
    assert [row.achievement_id for row in checked.earned.achievements] == ["here"]
    adjust(learner_id=learner.pk, amount=1000, reason="A gift", actor=StaffFactory(), at=timezone.now())
    check_in(learner.pk, at=timezone.now() + timedelta(days=2))
    assert list(Unlock.objects.order_by("pk").values_list("achievement__achievement_id", flat=True)) == [
        "here",
        "given",
        "frozen",
    ]


def test_a_late_completion_unlocks_with_the_date_on_which_it_happened(learner_api, maze):
    AchievementFactory(xp_reward=5, condition=metric("completions", 1))
    happened = timezone.now() - timedelta(days=3)
    learner_api.post("/api/v1/levels/complete", {"level_id": "maze", "score": 0, "occurred_at": happened.isoformat()})
    unlock = Unlock.objects.get()
    assert (unlock.earned_at, unlock.created_at) == (happened, timezone.now())
    assert LedgerEntry.objects.get(reason="achievement").effective_at == happened


def test_an_expired_streak_counts_as_zero(learner):
    AchievementFactory(condition={"all": [metric("current_streak", 2), XP_1000]})
    at = timezone.now()
    for day in range(2):
        check_in(learner.pk, at=at + timedelta(days=day))
    later = at + timedelta(days=30)
    adjust(learner_id=learner.pk, amount=1000, reason="A gift", actor=StaffFactory(), at=later)
    assert not Unlock.objects.exists()
    for day in range(2):
        check_in(learner.pk, at=later + timedelta(days=day))
    assert Unlock.objects.get().earned_at == later + timedelta(days=1)


def test_a_check_unlocks_what_was_published_later(play, learner):
    play()
    AchievementFactory(achievement_id="late", xp_reward=100, condition=metric("completions", 1))
    AchievementFactory(achievement_id="chain", condition={"type": "xp", "threshold": 120})
    assert unlocked(play()) == []
    evaluated = check_achievements(learner.pk, at=timezone.now())
    assert [row.achievement_id for row in evaluated.earned.achievements] == ["late", "chain"]
    assert [(entry.reason, entry.delta) for entry in evaluated.entries] == [("achievement", 100)]
    assert profile(learner).total_xp == 120
    assert check_achievements(learner.pk, at=timezone.now()).earned == unlocking.Earned()


def test_a_revoked_achievement_is_neither_earned_nor_paid_again(play, learner):
    words = AchievementFactory(xp_reward=100, condition=metric("words_learned", 1))
    free = AchievementFactory(xp_reward=0, condition=metric("words_learned", 1))
    play(words_learned=1)
    for achievement in [words, free]:
        revoke_achievement(
            learner_id=learner.pk, achievement=achievement, actor=StaffFactory(), note="Cheated.", at=timezone.now()
        )
    assert (profile(learner).achievements_unlocked, profile(learner).total_xp) == (0, 10)
    assert list(Unlock.objects.values_list("revoked_at", flat=True)) == [timezone.now()] * 2
    check_achievements(learner.pk, at=timezone.now())
    assert unlocked(play(words_learned=1)) == []
    assert (profile(learner).achievements_unlocked, profile(learner).total_xp) == (0, 20)
    revoke_achievement(learner_id=learner.pk, achievement=free, actor=StaffFactory(), at=timezone.now())
    assert profile(learner).achievements_unlocked == 0


def test_a_revoked_badge_is_not_earned_again(play, learner):
    badge = BadgeFactory(condition=metric("words_learned", 1))
    assert [row["id"] for row in play(words_learned=1)["unlocked_badges"]] == [badge.pk]
    revoke_badge(learner_id=learner.pk, badge=badge, actor=StaffFactory(), at=timezone.now())
    assert check_achievements(learner.pk, at=timezone.now()).earned == unlocking.Earned()
    assert list(BadgeAward.objects.held()) == []


def test_an_unlock_does_not_affect_other_learners(play, maze):
    AchievementFactory(achievement_id="first", condition=metric("completions", 1))
    play()
    other = UserFactory()
    check_achievements(other.pk, at=timezone.now())
    assert Unlock.objects.count() == 1
