"""Simultaneous requests in real threads unlock and pay once.

SQLite runs writers one after another, so only the run on PostgreSQL proves it.
"""

from threading import Thread
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.utils import timezone

from gamification.awards.activity import check_achievements
from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.awards import award_badge, revoke_badge
from gamification.staff.backfill import grant_chunk
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.threads import at_once, posting

from .factories import AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 10
COMPLETE = "/api/v1/levels/complete"
CHECK = "/api/v1/gamification/achievements/check"


@pytest.fixture
def catalogue():
    """Each is earned with the third completion, the second one by what the first one pays."""
    AchievementFactory(achievement_id="third", xp_reward=100, condition=metric("completions", 3))
    AchievementFactory(achievement_id="chain", xp_reward=100, condition={"type": "xp", "threshold": 120})
    BadgeFactory(condition=metric("completions", 3))


def check_unlocked_once(learner):
    assert sorted(Unlock.objects.values_list("learner", "achievement__achievement_id")) == [
        (learner.pk, "chain"),
        (learner.pk, "third"),
    ]
    assert BadgeAward.objects.count() == 1
    entries = LedgerEntry.objects.filter(learner=learner, reason="achievement")
    assert sorted(entries.values_list("reference_id", "delta")) == [("chain", 100), ("third", 100)]
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert profile.achievements_unlocked == 2
    return profile


def test_simultaneous_completions_unlock_and_pay_once(learner_api, learner, catalogue):
    LevelFactory(level_id="arena", repeat_policy="full")
    bodies = [{"level_id": "arena", "score": 0, "client_event_id": str(uuid4())} for _ in range(THREADS)]
    answers = at_once([posting(learner_api, COMPLETE, body) for body in bodies])
    assert {answer.status_code for answer in answers} == {200}
    unlocked = [row["achievement_id"] for answer in answers for row in answer.json()["unlocked_achievements"]]
    assert sorted(unlocked) == ["chain", "third"]
    assert check_unlocked_once(learner).total_xp == 10 * THREADS + 200


def test_simultaneous_checks_unlock_and_pay_once(learner_api, learner, catalogue):
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"completions": 5})
    adjust(learner_id=learner.pk, amount=50, reason="A gift", actor=StaffFactory(), at=timezone.now())
    answers = at_once([posting(learner_api, CHECK, {}) for _ in range(THREADS)])
    unlocked = [row["achievement_id"] for answer in answers for row in answer.json()["newly_unlocked"]]
    assert sorted(unlocked) == ["chain", "third"]
    assert check_unlocked_once(learner).total_xp == 250


def test_simultaneous_completions_checks_and_backfills_unlock_and_pay_once(learner_api, learner):
    LevelFactory(level_id="arena", repeat_policy="full")
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"completions": 5})
    third = AchievementFactory(achievement_id="third", xp_reward=100, condition=metric("completions", 6))
    AchievementFactory(achievement_id="chain", xp_reward=100, condition={"type": "xp", "threshold": 105})
    BadgeFactory(condition=metric("achievements_unlocked", 1))
    bodies = [{"level_id": "arena", "score": 0, "client_event_id": str(uuid4())} for _ in range(4)]
    calls = [posting(learner_api, COMPLETE, body) for body in bodies]
    calls += [lambda: check_achievements(learner.pk, at=timezone.now())] * 2
    calls += [lambda: grant_chunk(third, after=0, quiet=True, at=timezone.now())] * 4
    at_once(calls)
    assert check_unlocked_once(learner).total_xp == 40 + 200


def test_simultaneous_backfills_grant_each_learner_once():
    learners = UserFactory.create_batch(5, profile__counters={"completions": 5})
    third = AchievementFactory(xp_reward=100, condition=metric("completions", 3))
    granted = at_once([lambda: grant_chunk(third, after=0, quiet=False, at=timezone.now())] * THREADS)
    assert sorted(grant.profile.pk for chunk in granted for grant in chunk.grants) == [user.pk for user in learners]
    assert Unlock.objects.count() == LedgerEntry.objects.count() == 5


def test_a_badge_awarded_and_earned_at_the_same_time_is_awarded_once(learner_api, learner):
    LevelFactory(level_id="arena", repeat_policy="full")
    badge, staff = BadgeFactory(condition=metric("completions", 1)), StaffFactory()
    calls = [posting(learner_api, COMPLETE, {"level_id": "arena", "score": n}) for n in range(4)]
    calls += [lambda: award_badge(learner_id=learner.pk, badge=badge, actor=staff, at=timezone.now())[1]] * 4
    results = at_once(calls)
    by_completion = sum(len(answer.json()["unlocked_badges"]) for answer in results[:4])
    assert by_completion + sum(results[4:]) == 1
    assert BadgeAward.objects.count() == 1


def test_a_completion_waits_for_staff_who_award_the_badge_it_earns(learner_api, learner):
    LevelFactory(level_id="arena", repeat_policy="full")
    badge, answers = BadgeFactory(condition=metric("completions", 1)), []
    complete = posting(learner_api, COMPLETE, {"level_id": "arena", "score": 0})
    thread = Thread(target=lambda: (answers.append(complete()), connections.close_all()))
    with transaction.atomic():
        award_badge(learner_id=learner.pk, badge=badge, actor=None, at=timezone.now())
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive()
    thread.join()
    assert [(answer.status_code, answer.json()["unlocked_badges"]) for answer in answers] == [(200, [])]
    assert BadgeAward.objects.count() == 1


def test_a_badge_is_revoked_once(learner):
    badge, staff = BadgeFactory(), StaffFactory()
    award_badge(learner_id=learner.pk, badge=badge, actor=staff, at=timezone.now())
    revoked = at_once([lambda: revoke_badge(learner_id=learner.pk, badge=badge, actor=staff, at=timezone.now())] * 4)
    assert sorted(revoked) == [False, False, False, True]
