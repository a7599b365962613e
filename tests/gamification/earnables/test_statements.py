"""Unlocking costs the same whatever the catalogue and the history, and little more whatever is unlocked.

The base is `tests/tracking/recording/test_statements.py`'s: the same completion with nothing to earn.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import Unlock
from tests.factories import LevelFactory
from tracking.models import Completion

from .factories import AchievementFactory, BadgeFactory, UnlockFactory, metric, stock

# Transactional: inside a test's own transaction each request would use savepoints that it does not use otherwise.
pytestmark = pytest.mark.django_db(transaction=True)

# Which conditions the unlock may fulfil in turn, the unlock, and the badge.
MORE = 3
OWNED = 200


@pytest.fixture
def maze():
    return LevelFactory(level_id="maze", repeat_policy="full")


@pytest.fixture
def cost(learner_api, maze):
    def cost(**metadata):
        body = {"level_id": "maze", "score": 0, "client_event_id": str(uuid4()), "metadata": metadata}
        with CaptureQueriesContext(connection) as captured:
            answer = learner_api.post("/api/v1/levels/complete", body)
        assert answer.status_code == 200, answer.content
        statements = [query["sql"] for query in captured]
        return len([sql for sql in statements if sql.split()[0] not in {"BEGIN", "COMMIT"}]), answer.json()

    return cost


@pytest.fixture(params=[(1, 27), (10_000, 1000)], ids=["small", "large"])
def world(request, learner, maze):
    completions, achievements = request.param
    create_completions(learner, maze, completions)
    at = timezone.now() - timedelta(days=1)
    owned = catalogue(achievements)[: OWNED if achievements == 1000 else 5]
    Unlock.objects.bulk_create(UnlockFactory.build(learner=learner, achievement=row, earned_at=at) for row in owned)


def create_completions(learner, level, count):
    """Completions of yesterday. The profile does not count them; only the number of rows matters here."""
    at = timezone.now() - timedelta(days=1)
    common = {"score": 1, "max_score": 1000, "level_type": "simulation", "difficulty": "normal", "source": "api"}
    Completion.objects.bulk_create(
        Completion(learner=learner, level=level, passed=True, perfect=False, occurred_at=at, created_at=at, **common)
        for _ in range(count)
    )


def catalogue(count):
    """Achievements out of reach: single thresholds, `all` and `any`, of every kind of metric."""
    names = ["words_learned", "xp", "completions", "level", "achievements_unlocked", "mistakes", "study_seconds"]
    built = []
    for number in range(count):
        name = names[number % 7]
        far, near = metric(name, 90 if name == "level" else 1_000_000 + number), metric(names[(number + 2) % 7], 3)
        condition = [far, {"all": [far, near]}, {"any": [far, {"all": [near, far]}]}][number % 3]
        built.append(AchievementFactory.build(condition=condition))
    return stock(built)


@pytest.fixture
def base(cost):
    """Of a completion on a day that is known, with nothing to earn."""
    cost()
    statements, _ = cost(words_learned=1)
    return statements


def test_a_completion_that_unlocks_nothing_costs_the_same_with_any_catalogue(base, world, cost):
    assert [cost(words_learned=1)[0], cost(words_learned=1)[0]] == [base, base]


def test_an_unlock_adds_few_statements(base, world, cost):
    AchievementFactory(achievement_id="word", xp_reward=50, condition=metric("words_learned", 2))
    BadgeFactory(condition=metric("words_learned", 2))
    statements, answer = cost(words_learned=1)
    assert [row["achievement_id"] for row in answer["unlocked_achievements"]] == ["word"]
    assert len(answer["unlocked_badges"]) == 1
    assert statements == base + MORE


def test_forty_unlocks_in_a_chain_add_no_more_than_one(base, world, cost):
    stock(
        AchievementFactory.build(
            xp_reward=1000,
            condition=metric("words_learned", 2) if number == 0 else {"type": "xp", "threshold": 1000 * number},
        )
        for number in range(40)
    )
    for number in range(40):
        BadgeFactory(condition=metric("achievements_unlocked", number + 1))
    statements, answer = cost(words_learned=1)
    assert (len(answer["unlocked_achievements"]), len(answer["unlocked_badges"])) == (40, 40)
    assert statements == base + MORE


def test_an_unlock_by_a_completion_that_pays_nothing_adds_its_entry(base, cost, maze):
    maze.repeat_policy = "none"
    maze.save()
    unpaid, _ = cost()
    AchievementFactory(xp_reward=50, condition=metric("words_learned", 2))
    BadgeFactory(condition=metric("words_learned", 2))
    statements, answer = cost(words_learned=1)
    assert (answer["awarded_xp"], answer["total_awarded_xp"]) == (0, 50)
    assert statements == unpaid + 4
