"""gamification/achievements: the list, my own, progress, check, and loading the shipped files."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.awards.activity import check_achievements
from gamification.models import Achievement, LearnerProfile
from gamification.staff.awards import revoke_achievement
from tests.api.helpers import problem_of
from tests.factories import StaffFactory, UserFactory

from .factories import XP_1000, AchievementFactory, BadgeFactory, UnlockFactory, metric, stock

pytestmark = pytest.mark.django_db

NOON = "2026-11-20T12:00:00Z"
ALL = "/api/v1/gamification/achievements"
MINE, PROGRESS, CHECK, INITIALIZE = (f"{ALL}/{end}" for end in ["user", "progress", "check", "initialize"])


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def catalogue():
    """Words (of which our learner has enough), a hidden one, a draft."""
    AchievementFactory(
        achievement_id="words",
        name="Words",
        description="Learn 10 words",
        category="vocabulary",
        rarity="rare",
        icon="bi-magic",
        xp_reward=150,
        condition=metric("words_learned", 10),
        position=1,
    )
    AchievementFactory(
        achievement_id="secret", name="Secret", hidden=True, condition=metric("words_learned", 40), position=2
    )
    AchievementFactory(achievement_id="draft", published=False, position=3)


@pytest.fixture
def learner_with_words(learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"words_learned": 20})
    return learner


WORDS = {
    "achievement_id": "words",
    "name": "Words",
    "description": "Learn 10 words",
    "category": "vocabulary",
    "rarity": "rare",
    "icon": "bi-magic",
    "xp_reward": 150,
    "condition": {"type": "metric", "name": "words_learned", "threshold": 10},
    "hidden": False,
    "position": 1,
    "unlocked": False,
    "unlocked_at": None,
    "rarity_percent": 0.0,
}
SECRET = {
    "achievement_id": "secret",
    "name": None,
    "description": None,
    "category": "testing",
    "rarity": "common",
    "icon": "bi-question-circle",
    "xp_reward": 0,
    "condition": None,
    "hidden": True,
    "position": 2,
    "unlocked": False,
    "unlocked_at": None,
    "rarity_percent": 0.0,
}


def page(results):
    return {"success": True, "next": None, "previous": None, "results": results}


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [row["achievement_id"] for row in answer.json()["results"]]


def test_all_are_listed_with_those_of_the_learner(learner_api, learner_with_words, catalogue):
    assert learner_api.get(ALL).json() == page([WORDS, SECRET])
    check_achievements(learner_with_words.pk, at=timezone.now())
    unlocked = {**WORDS, "unlocked": True, "unlocked_at": NOON}
    assert learner_api.get(ALL).json() == page([unlocked, SECRET])


def test_a_hidden_achievement_shows_nothing_before_it_is_unlocked(learner_api, learner, catalogue):
    shown = learner_api.get(ALL).content.decode() + learner_api.get(PROGRESS).content.decode()
    assert "Secret" not in shown
    assert "40" not in shown.replace('"threshold":10', "")
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"words_learned": 40})
    check_achievements(learner.pk, at=timezone.now())
    shown = learner_api.get(f"{ALL}?unlocked=true").json()["results"][1]
    assert (shown["name"], shown["icon"], shown["condition"]) == ("Secret", "bi-trophy", metric("words_learned", 40))


def test_a_hidden_achievement_stays_hidden_when_others_have_it(learner_api, catalogue):
    other = UserFactory(profile__counters={"words_learned": 40})
    check_achievements(other.pk, at=timezone.now())
    assert learner_api.get(ALL).json()["results"][1]["name"] is None


def test_a_revoked_achievement_is_locked_and_holders_see_a_draft(learner_api, learner_with_words, catalogue):
    check_achievements(learner_with_words.pk, at=timezone.now())
    words = Achievement.objects.get(achievement_id="words")
    Achievement.objects.filter(pk=words.pk).update(published=False)
    assert ids(learner_api.get(ALL)) == ["words", "secret"]
    revoke_achievement(learner_id=learner_with_words.pk, achievement=words, actor=StaffFactory(), at=timezone.now())
    assert ids(learner_api.get(ALL)) == ["secret"]
    assert ids(learner_api.get(MINE)) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["words", "secret"]),
        ("category=vocabulary", ["words"]),
        ("category=nothing", []),
        ("rarity=common", ["secret"]),
        ("unlocked=true", ["words"]),
        ("unlocked=false", ["secret"]),
        ("unlocked=false&rarity=rare", []),
        ("limit=1", ["words"]),
    ],
)
@pytest.mark.parametrize("path", [ALL, PROGRESS])
def test_lists_are_filtered(learner_api, learner_with_words, catalogue, path, query, expected):
    check_achievements(learner_with_words.pk, at=timezone.now())
    assert ids(learner_api.get(f"{path}?{query}")) == expected


@pytest.mark.parametrize("query", ["rarity=mythic", "limit=0", "cursor=abc"])
def test_a_bad_filter_is_refused(learner_api, catalogue, query):
    assert learner_api.get(f"{ALL}?{query}").status_code == 400


@pytest.mark.parametrize("path", [ALL, PROGRESS])
def test_pages_follow_the_position(learner_api, catalogue, path):
    stock(AchievementFactory.build(position=number // 2) for number in range(8, 20))
    seen, url = [], f"{path}?limit=5"
    while url:
        answer = learner_api.get(url).json()
        seen += [row["achievement_id"] for row in answer["results"]]
        url = answer["next"]
    expected = Achievement.objects.filter(published=True).order_by("position", "achievement_id")
    assert seen == list(expected.values_list("achievement_id", flat=True))


def test_a_learners_own_achievements_are_listed_newest_first(learner_api, learner, time_machine):
    first, second = AchievementFactory.create_batch(2)
    check_achievements(learner.pk, at=timezone.now())
    for achievement in [first, second]:
        UnlockFactory(learner=learner, achievement=achievement)
        time_machine.shift(60)
    answer = learner_api.get(f"{MINE}?limit=1").json()
    assert [row["achievement_id"] for row in answer["results"]] == [second.achievement_id]
    assert ids(learner_api.get(answer["next"])) == [first.achievement_id]
    assert answer["results"][0]["unlocked_at"] == "2026-11-20T12:01:00Z"


def test_progress_is_shown_for_each(learner_api, learner_with_words, catalogue):
    AchievementFactory(
        achievement_id="both",
        name="Both",
        condition={"all": [metric("words_learned", 5), metric("conversations", 5), XP_1000]},
        position=5,
    )
    AchievementFactory(achievement_id="far", name="Far", condition=metric("words_learned", 50), position=6)
    common = {"category": "testing", "unlocked": False}
    words = {"achievement_id": "words", "name": "Words", "category": "vocabulary"}
    locked = [
        {"achievement_id": "secret", "name": None, **common, "current": None, "target": None, "percent": None},
        {"achievement_id": "both", "name": "Both", **common, "current": 1, "target": 3, "percent": 33},
        {"achievement_id": "far", "name": "Far", **common, "current": 20, "target": 50, "percent": 40},
    ]
    reached = {"current": 10, "target": 10, "percent": 100}
    assert learner_api.get(PROGRESS).json() == page([{**words, "unlocked": False, **reached}, *locked])
    check_achievements(learner_with_words.pk, at=timezone.now())
    LearnerProfile.objects.filter(pk=learner_with_words.pk).update(counters={"words_learned": 20, "conversations": 0})
    assert learner_api.get(PROGRESS).json() == page([{**words, "unlocked": True, **reached}, *locked])


def test_an_unlocked_achievement_stays_at_100_percent(learner_api, learner):
    achievement = AchievementFactory(condition=metric("current_streak", 7))
    UnlockFactory(learner=learner, achievement=achievement)
    (row,) = learner_api.get(PROGRESS).json()["results"]
    assert (row["current"], row["target"], row["percent"]) == (7, 7, 100)


def test_a_check_answers_with_what_it_unlocked_and_paid(learner_api, learner_with_words, catalogue):
    badge = BadgeFactory(name="Reader", condition={"type": "level", "level": 2})
    assert learner_api.post(CHECK, {}).json() == {
        "success": True,
        "newly_unlocked": [
            {"achievement_id": "words", "name": "Words", "icon": "bi-magic", "rarity": "rare", "xp_reward": 150}
        ],
        "unlocked_badges": [{"id": badge.pk, "name": "Reader", "icon_url": ""}],
        "entries": [{"reason": "achievement", "delta": 150, "balance_after": 150}],
        "total_awarded_xp": 150,
        "new_total_xp": 150,
        "level_up": True,
        "player_level": 2,
        "title": "Novice",
    }
    assert learner_api.post(CHECK).json() == {
        "success": True,
        "newly_unlocked": [],
        "unlocked_badges": [],
        "entries": [],
        "total_awarded_xp": 0,
        "new_total_xp": 150,
        "level_up": False,
        "player_level": 2,
        "title": "Novice",
    }


def test_a_check_accepts_no_fields(learner_api):
    _, errors = problem_of(learner_api.post(CHECK, {"learner": 7}), 400, "invalid")
    assert errors == {"learner": ["Unknown field."]}


def test_a_check_with_an_idempotency_key_is_answered_the_same_twice(learner_api, learner_with_words, catalogue):
    first, second = (learner_api.post(CHECK, {}, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ALL), ("get", MINE), ("get", PROGRESS), ("post", CHECK), ("post", INITIALIZE)],
)
def test_anonymous_requests_are_refused(api, method, path):
    problem_of(getattr(api, method)(path), 401, "not_authenticated")


def test_there_is_no_endpoint_for_a_single_achievement(learner_api, catalogue):
    problem_of(learner_api.get(f"{ALL}/words"), 404, "not_found")


@pytest.mark.parametrize(("path", "cost"), [(ALL, 3), (MINE, 3), (PROGRESS, 4)])
def test_a_list_costs_the_same_with_one_and_with_three(learner_api, learner, path, cost):
    learner_api.get(ALL)  # counts once who has what
    costs = []
    for count in [1, 2]:
        for achievement in AchievementFactory.create_batch(count):
            UnlockFactory(learner=learner, achievement=achievement)
        with CaptureQueriesContext(connection) as captured:
            learner_api.get(path)
        costs.append(len(captured))
    assert costs == [cost, cost]
