"""An unlock keeps the condition and reward with which it was earned, even if the achievement changes later."""

import pytest
from django.utils import timezone

from gamification.awards.activity import check_achievements
from gamification.models import BadgeAward, LedgerEntry, Unlock
from gamification.staff.awards import award_badge
from gamification.staff.backfill import backfill
from gamification.staff.reversal_plans import plan_reversal
from tests.factories import StaffFactory, UserFactory
from tests.pages.html import text_of

from .factories import AchievementFactory, BadgeFactory, metric

pytestmark = pytest.mark.django_db

API = "/api/v1/gamification"
ONCE, FIFTY_TIMES = metric("completions", 1), metric("completions", 50)


@pytest.fixture
def changed(learner):
    """Unlocked by one completion for 40 XP; afterwards it requires 50 completions and pays 500 XP."""
    learner.profile.counters = {"completions": 1}
    learner.profile.save()
    achievement = AchievementFactory(achievement_id="first", name="First", condition=ONCE, xp_reward=40)
    check_achievements(learner.pk, at=timezone.now())
    achievement.condition, achievement.xp_reward = FIFTY_TIMES, 500
    achievement.save()
    return achievement


def test_the_explanation_shows_the_condition_and_reward_at_unlock(changed, learner_api):
    explanation = learner_api.get(f"{API}/explain/achievement/first").json()
    assert "(number of completions reaches 1), and it paid 40 XP." in explanation["why"]
    assert explanation["xp_reward"] == explanation["paid"]["xp"] == 40
    assert explanation["progress"] == {"current": 1, "target": 1, "percent": 100}
    assert [part["target"] for part in explanation["thresholds"]] == [1]


@pytest.mark.parametrize("path", ["achievements", "achievements/user"])
def test_lists_show_the_condition_and_reward_at_unlock(changed, learner_api, path):
    (row,) = learner_api.get(f"{API}/{path}").json()["results"]
    assert (row["unlocked"], row["condition"], row["xp_reward"]) == (True, ONCE, 40)


def test_progress_counts_towards_the_condition_at_unlock(changed, learner_api):
    (row,) = learner_api.get(f"{API}/achievements/progress").json()["results"]
    assert (row["current"], row["target"], row["percent"]) == (1, 1, 100)


def test_other_learners_see_the_current_condition_and_reward(changed, sign_in):
    (row,) = sign_in(UserFactory()).get(f"{API}/achievements").json()["results"]
    assert (row["unlocked"], row["condition"], row["xp_reward"]) == (False, FIFTY_TIMES, 500)


def test_the_page_shows_the_reward_at_unlock(changed, client, learner):
    client.force_login(learner)
    text = text_of(client.get("/achievements"))
    assert "+40 XP" in text
    assert "+500 XP" not in text


def test_staff_see_the_condition_and_reward_at_unlock(changed, admin_client):
    page = text_of(admin_client.get(f"/admin/gamification/unlock/{Unlock.objects.get().pk}/change/"))
    assert "number of completions reaches 1" in page
    assert "reaches 50" not in page


def test_the_plan_of_a_reversal_uses_the_condition_at_unlock(changed, learner):
    """The current condition never held, so a reversal cannot make it false."""
    AchievementFactory(achievement_id="rich", name="Rich", condition={"type": "xp", "threshold": 40})
    check_achievements(learner.pk, at=timezone.now())
    entry = LedgerEntry.objects.get()
    (kept,) = plan_reversal(entry, actor=StaffFactory(), at=timezone.now()).kept
    assert (kept.achievement.achievement_id, kept.words) == ("rich", "total XP reaches 40")


def test_a_backfill_stores_the_condition_and_reward(learner):
    learner.profile.counters = {"completions": 50}
    learner.profile.save()
    achievement = AchievementFactory(condition=FIFTY_TIMES, xp_reward=500)
    list(backfill(achievement, quiet=True))
    assert Unlock.objects.values_list("condition", "xp_reward").get() == (FIFTY_TIMES, 500)


def test_a_badge_award_stores_its_condition(learner, learner_api, admin_client):
    learner.profile.counters = {"completions": 1}
    learner.profile.save()
    badge = BadgeFactory(condition=ONCE)
    check_achievements(learner.pk, at=timezone.now())
    badge.condition = FIFTY_TIMES
    badge.save()
    (row,) = learner_api.get("/api/v1/badges").json()["results"]
    assert row["condition"] == ONCE
    page = text_of(admin_client.get(f"/admin/gamification/badgeaward/{BadgeAward.objects.get().pk}/change/"))
    assert "number of completions reaches 1" in page


def test_the_api_shows_editors_the_current_condition_of_a_badge_they_have(sign_in):
    staff = StaffFactory()
    staff.profile.counters = {"completions": 1}
    staff.profile.save()
    badge = BadgeFactory(condition=ONCE)
    check_achievements(staff.pk, at=timezone.now())
    badge.condition = FIFTY_TIMES
    badge.save()
    assert sign_in(staff).get(f"/api/v1/badges/{badge.pk}").json()["condition"] == FIFTY_TIMES


def test_a_badge_awarded_by_hand_is_shown_as_such(learner, admin_client):
    award, _ = award_badge(
        learner_id=learner.pk, badge=BadgeFactory(condition=ONCE), actor=StaffFactory(), at=timezone.now()
    )
    page = text_of(admin_client.get(f"/admin/gamification/badgeaward/{award.pk}/change/"))
    assert "awarded by hand" in page
