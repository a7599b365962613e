"""Test keys and test learners see nobody, and nobody sees them."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from gamification.earnables.rarity import rarity_now
from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts.models import User
from tests.factories import LevelFactory
from tests.gamification.earnables.factories import AchievementFactory, UnlockFactory
from tracking.models import Completion

from .keys import client_with, make_key, make_pupil

pytestmark = pytest.mark.django_db

BOARDS = ["leaderboard", "gamification/leaderboard/xp_all_time", "gamification/leaderboard/current_streak"]


@pytest.fixture
def member():
    """Stands on the boards."""
    return make_pupil("pupil-1", profile__total_xp=0, profile__streak_run=3, profile__levels_completed=4)


@pytest.fixture
def dummy():
    return make_pupil("dummy", LearnerKind.TEST)


@pytest.fixture
def as_tester(dummy):
    """`as_tester("dummy")` is a client with a test key."""
    _, token = make_key(mode="test")
    return lambda learner=None: client_with(token, learner)


BOARD = "/api/v1/gamification/leaderboard/levels_completed"


def test_a_board_is_empty_for_a_test_key(member, as_tester):
    live = client_with(make_key(name="Live")[1]).get(BOARD).json()
    assert [entry["user_id"] for entry in live["entries"]] == [member.pk]
    for learner in (None, "dummy"):
        shown = as_tester(learner).get(BOARD).json()
        assert (shown["entries"], shown["around"], shown["total"], shown["me"]) == ([], [], 0, None)


def test_a_board_and_a_rank_are_empty_for_a_test_learner(member, dummy, sign_in):
    client = sign_in(dummy)
    assert client.get(BOARD).json()["entries"] == []
    assert client.get(f"{BOARD}/rank").json()["total"] == 0


@pytest.mark.parametrize("path", ["users/{}/progress", "badges/users/{}"])
def test_a_test_key_does_not_find_a_live_learner_by_their_number(member, dummy, as_tester, path):
    numbers = [member.pk, 10**9, dummy.pk]
    answers = [as_tester("dummy").get(f"/api/v1/{path.format(number)}") for number in numbers]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("path", ["users/{}/progress", "badges/users/{}"])
def test_a_live_key_does_not_find_a_test_learner_by_their_number(member, dummy, path):
    client = client_with(make_key()[1], "pupil-1")
    assert client.get(f"/api/v1/{path.format(dummy.pk)}").status_code == 404


def test_test_learners_do_not_count_for_rarity(member, dummy):
    achievement = AchievementFactory()
    UnlockFactory(achievement=achievement, learner=dummy)
    UnlockFactory(achievement=achievement, learner=make_pupil("pupil-2"))
    LearnerProfile.objects.update(achievements_unlocked=1)
    counts = rarity_now(timezone.now())
    assert (counts.learners, counts.holders) == (2, {str(achievement.pk): 1})


def test_purging_erases_test_learners_and_nobody_else(member, dummy, as_tester, capsys):
    level = LevelFactory()
    as_tester("dummy").post("/api/v1/levels/complete", {"level_id": level.level_id, "score": 100})
    call_command("purge_test_data")
    call_command("purge_test_data")
    assert capsys.readouterr().out.splitlines() == ["1 test learners erased.", "0 test learners erased."]
    assert list(User.objects.filter(external_id__isnull=False)) == [member]
    assert LearnerProfile.objects.get(pk=dummy.pk).erased_at is not None
    assert Completion.objects.get().learner == dummy  # in place, because the ledger is kept
    assert as_tester("dummy").get("/api/v1/gamification/xp/level").status_code == 404
    assert as_tester().put("/api/v1/learners/dummy", {}).status_code == 201
