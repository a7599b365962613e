"""manage.py rebuild_leaderboards."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS, RANKINGS
from gamification.models import LearnerProfile
from skillquest.accounts.models import User
from tests.factories import StaffFactory, UserFactory, adjust
from tests.servers import free_port

from .conftest import wait_for_repairs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(db):
    users, actor = UserFactory.create_batch(2), StaffFactory()
    for user in users:
        adjust(learner_id=user.pk, amount=10, reason="test", actor=actor, at=timezone.now())
    return users


def test_the_command_rebuilds_every_board(backend, people, capsys):
    stays, leaves = people
    weekly = board(METRICS["xp_weekly"])
    weekly.top(10, at=timezone.now())
    adjust(learner_id=stays.pk, amount=5, reason="test", actor=StaffFactory(), at=timezone.now())
    User.objects.filter(pk=leaves.pk).update(is_active=False)
    wait_for_repairs()
    call_command("rebuild_leaderboards")
    for name in ("xp_all_time", "xp_weekly", "xp_monthly"):
        read = redis.store().read if backend == "redis" else board(METRICS[name]).read
        first = [METRICS[name]] if backend == "redis" else []
        ranking = read(*first, stays.pk, limit=10, around=0, at=timezone.now())
        assert [(each.learner_id, each.score) for each in ranking.top] == [(stays.pk, 15)]
        assert ranking.total == 1
    built = [f"{name} is built in Redis." for name in RANKINGS] if backend == "redis" else []
    assert capsys.readouterr().out.splitlines() == [
        "1 learners came to the boards or left them.",
        "xp_weekly is computed.",
        "xp_monthly is computed.",
        "xp_weekly:verified is computed.",
        "xp_monthly:verified is computed.",
        *built,
        "All leaderboards are fresh.",
    ]


def test_the_command_fails_without_redis(settings, people, capsys):
    settings.LEADERBOARD_BACKEND, settings.REDIS_URL = "redis", f"redis://127.0.0.1:{free_port()}/0"
    with pytest.raises(CommandError, match="Redis is unavailable"):
        call_command("rebuild_leaderboards")


def test_the_command_runs_without_learners(capsys):
    LearnerProfile.objects.all().delete()
    call_command("rebuild_leaderboards")
    assert "All leaderboards are fresh." in capsys.readouterr().out
