"""GET gamification/explain/achievement: facts, numbers and one sentence about an achievement."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.awards.adjustments import reverse
from gamification.models import Achievement, LedgerEntry, Unlock
from tests.factories import StaffFactory, UserFactory, adjust

EXPLAIN = "/api/v1/gamification/explain"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def achievement(db):
    return Achievement.objects.create(
        achievement_id="hundred",
        name="Hundred",
        description="Earn a hundred.",
        category="xp",
        rarity="rare",
        xp_reward=50,
        condition={"type": "xp", "threshold": 100},
    )


@pytest.fixture
def give(learner):
    staff = StaffFactory()
    return lambda amount: adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=staff, at=NOON)


def explain(client, reference):
    answer = client.get(f"{EXPLAIN}/achievement/{reference}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def locked(current):
    return {
        "success": True,
        "achievement_id": "hundred",
        "hidden": False,
        "unlocked": False,
        "name": "Hundred",
        "description": "Earn a hundred.",
        "rarity": "rare",
        "xp_reward": 50,
        "earned_at": None,
        "revoked_at": None,
        "paid": None,
        "progress": {"current": current, "target": 100, "percent": current},
        "thresholds": [
            {"metric": "xp", "words": "total XP", "current": current, "target": 100, "reached": current >= 100}
        ],
        "why": f"“Hundred” is not unlocked yet: your total XP is at {current} of 100.",
    }


def test_a_locked_achievement_says_what_is_missing(learner_api, achievement, give):
    give(37)
    assert explain(learner_api, "hundred") == explain(learner_api, achievement.pk) == locked(37)


def test_an_unlocked_achievement_shows_its_date_condition_and_xp(learner_api, achievement, give):
    give(120)
    entry = LedgerEntry.objects.get(reason="achievement")
    assert explain(learner_api, "hundred") == {
        **locked(100),
        "unlocked": True,
        "earned_at": "2026-03-10T12:00:00Z",
        "paid": {"entry_id": entry.pk, "xp": 50},
        "thresholds": [{"metric": "xp", "words": "total XP", "current": 170, "target": 100, "reached": True}],
        "why": "You unlocked “Hundred” on 10 March 2026 (total XP reaches 100), and it paid 50 XP.",
    }


def test_a_revoked_achievement_shows_its_date(learner_api, achievement, give):
    give(120)
    reverse(LedgerEntry.objects.get(reason="achievement"), actor=StaffFactory(), note="", at=NOON + timedelta(days=1))
    explanation = explain(learner_api, "hundred")
    assert (explanation["unlocked"], explanation["revoked_at"], explanation["why"]) == (
        False,
        "2026-03-11T12:00:00Z",
        (
            "You unlocked “Hundred” on 10 March 2026 (total XP reaches 100), and it paid 50 XP; it was taken back on "
            "11 March 2026."
        ),
    )


def test_a_hidden_achievement_is_secret_until_it_is_unlocked(learner_api, achievement, give):
    achievement.hidden = True
    achievement.save()
    give(99)
    assert explain(learner_api, "hundred") == {
        **locked(99),
        "hidden": True,
        "name": None,
        "description": None,
        "progress": None,
        "thresholds": [],
        "why": "This achievement is hidden until you unlock it.",
    }
    give(1)
    assert explain(learner_api, "hundred")["name"] == "Hundred"


def test_all_missing_parts_are_named_and_of_alternatives_the_closest(learner_api, achievement, give):
    achievement.condition = {
        "all": [
            {"type": "xp", "threshold": 10},
            {"type": "metric", "name": "study_seconds", "threshold": 7200},
            {"any": [{"type": "level", "level": 2}, {"type": "consecutive_days", "days": 30}]},
        ]
    }
    achievement.save()
    give(50)
    explanation = explain(learner_api, "hundred")
    assert explanation["progress"] == {"current": 1, "target": 3, "percent": 33}
    assert [part["reached"] for part in explanation["thresholds"]] == [True, False, False, False]
    assert explanation["why"] == (
        "“Hundred” is not unlocked yet: your time spent learning is at 0 s of 2 h and your player level is at 1 of 2."
    )


def test_an_achievement_whose_condition_holds_names_the_check_that_unlocks_it(learner_api, give, achievement):
    achievement.delete()
    give(120)
    achievement.save(force_insert=True)
    give(1)
    assert explain(learner_api, "hundred")["why"] == (
        "You have done everything for “Hundred”; it unlocks when your achievements are checked next."
    )
    learner_api.post("/api/v1/gamification/achievements/check")
    assert explain(learner_api, "hundred")["unlocked"]


@pytest.mark.parametrize("reference", ["nope", "999999", "9" * 19, "9" * 30, "0"])
def test_an_unknown_achievement_is_not_found(learner_api, reference):
    answer = learner_api.get(f"{EXPLAIN}/achievement/{reference}")
    assert (answer.status_code, answer.json()["code"]) == (404, "achievement_not_found")


def test_an_unpublished_achievement_is_shown_only_to_learners_who_have_it(learner_api, sign_in, achievement, give):
    give(120)
    achievement.published = False
    achievement.save()
    assert explain(learner_api, "hundred")["unlocked"] is True
    assert sign_in(UserFactory()).get(f"{EXPLAIN}/achievement/hundred").status_code == 404


def test_an_identifier_of_digits_wins_over_a_key(learner_api, achievement):
    other = Achievement.objects.create(
        achievement_id=str(achievement.pk), name="Other", category="xp", condition={"type": "xp", "threshold": 5}
    )
    assert explain(learner_api, achievement.pk)["name"] == other.name


def test_an_achievement_costs_the_same_whatever_the_condition(
    learner_api, achievement, give, django_assert_num_queries
):
    give(1)
    with django_assert_num_queries(6):
        explain(learner_api, "hundred")
    achievement.condition = {"all": [{"type": "xp", "threshold": n} for n in range(1, 50)]}
    achievement.save()
    for n in range(20):
        Achievement.objects.create(
            achievement_id=f"a{n}", name=f"A{n}", category="x", condition={"type": "xp", "threshold": 1}
        )
    with django_assert_num_queries(6):
        explain(learner_api, "hundred")
    assert not Unlock.objects.exists()


@pytest.mark.parametrize("path", ["streak", "achievement/hundred"])
def test_an_anonymous_request_is_refused(api, db, path):
    assert api.get(f"{EXPLAIN}/{path}").status_code == 401
