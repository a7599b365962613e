"""Real threads: a board read while scores change is consistent, and refreshes do not collide."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards import windows
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS, standings
from gamification.leaderboards.score_updates import refresh_listed
from gamification.models import LearnerProfile, WindowRefresh, WindowScore
from tests.factories import StaffFactory, UserFactory, adjust
from tests.threads import at_once

from .conftest import wait_for_repairs

pytestmark = pytest.mark.django_db(transaction=True)

XP, WEEKLY = METRICS["xp_all_time"], METRICS["xp_weekly"]
THREADS = 6


def build(metric=XP):
    at = timezone.now()
    return redis.store().build(metric, at=at, oldest=at)


@pytest.fixture
def people(db):
    return UserFactory.create_batch(5)


def giving(learner, amounts):
    actor = StaffFactory()

    def give():
        for amount in amounts:
            adjust(learner_id=learner.pk, amount=amount, reason="test", actor=actor, at=timezone.now())

    return give


def test_a_board_read_while_everybody_moves_agrees_with_itself(backend, people):
    if backend == "redis":
        build()
    ids = [user.pk for user in people]

    def look():
        for turn in range(40):
            me = ids[turn % len(ids)]
            seen = board(XP).read(me, limit=10, around=2, at=timezone.now())
            rows = [(each.learner_id, each.score) for each in seen.top]
            assert seen.top == standings(rows, position=1, rank=1)
            assert rows == sorted(rows, key=lambda row: (-row[1], row[0]))
            assert seen.total == len(rows)
            mine = [each for each in seen.top if each.learner_id == me]
            assert mine == ([seen.me] if seen.me else [])
            place = seen.top.index(seen.me) if seen.me else 0
            assert seen.around == (seen.top[max(place - 2, 0) : place + 3] if seen.me else [])

    at_once([*[giving(user, [3, 1, 2] * 5) for user in people[:3]], look, look])
    totals = dict(LearnerProfile.objects.filter(total_xp__gt=0).values_list("pk", "total_xp"))
    assert {each.learner_id: each.score for each in board(XP).top(10, at=timezone.now())} == totals
    wait_for_repairs()


def test_simultaneous_payments_of_one_learner_end_at_the_last_total(redis_backend, people):
    build()
    at_once([giving(people[0], [1] * 10) for _ in range(THREADS)])
    seen = redis.store().read(XP, people[0].pk, limit=1, around=0, at=timezone.now())
    assert seen.me.score == 10 * THREADS
    wait_for_repairs()


def test_simultaneous_first_requests_compute_a_window_once(people):
    giving(people[0], [10])()
    at = timezone.now()
    answers = at_once(
        [lambda n=n: board(WEEKLY).read(None, limit=5, around=0, at=at + timedelta(seconds=n)) for n in range(THREADS)]
    )
    assert len({answer.as_of for answer in answers}) == 1
    assert {each.top[0].score for each in answers} == {10}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite nobody writes while another does")
class TestARefreshThatTakesLong:
    @pytest.fixture
    def slow(self, monkeypatch):
        """`slow.reached` is set when sums are written but not committed; the refresh continues after `slow.go_on`."""

        class Slow:
            reached, go_on = Event(), Event()

        plain = windows._add_up

        def add_up(metric, at, learner_id=None):
            plain(metric, at, learner_id)
            if learner_id is None:
                Slow.reached.set()
                assert Slow.go_on.wait(20)

        monkeypatch.setattr(windows, "_add_up", add_up)
        return Slow

    def test_a_learner_who_opts_out_during_a_refresh_is_not_on_the_board(self, people, slow):
        leaver, other = people[:2]
        for user in (leaver, other):
            giving(user, [10])()
        at = timezone.now()

        def leave():
            assert slow.reached.wait(10)
            with transaction.atomic():
                LearnerProfile.objects.filter(pk=leaver.pk).update(leaderboard_opt_out=True)
                refresh_listed(leaver.pk, at=at)
            slow.go_on.set()

        at_once([lambda: windows.refresh(WEEKLY, at=at, oldest=at), leave])
        assert list(WindowScore.objects.values_list("learner_id", flat=True)) == [other.pk]

    @pytest.mark.parametrize("age", [timedelta(minutes=12), timedelta(days=1)], ids=["aging", "too old"])
    def test_a_request_during_a_refresh_gets_the_previous_board_and_its_time(self, people, slow, age):
        before = timezone.now() - age
        WindowRefresh.objects.create(metric=WEEKLY.name, as_of=before)
        WindowScore.objects.create(metric=WEEKLY.name, learner=people[0], score=7)

        def ask():
            assert slow.reached.wait(10)
            try:
                if age > timedelta(hours=1):
                    with connection.cursor() as cursor:
                        cursor.execute("SET lock_timeout = 100")
                return board(WEEKLY).read(None, limit=5, around=0, at=timezone.now())
            finally:
                slow.go_on.set()

        _, answer = at_once([lambda: windows.refresh(WEEKLY, at=timezone.now(), oldest=timezone.now()), ask])
        assert (answer.as_of, answer.top[0].score) == (before, 7)


def test_opting_out_and_being_deactivated_at_once_leaves_nobody_on_the_board(people):
    user = people[0]
    giving(user, [10])()
    user.is_active = False

    def opt_in_and_out():
        for opt_out in (True, False):
            with transaction.atomic():
                LearnerProfile.objects.filter(pk=user.pk).update(leaderboard_opt_out=opt_out)
                refresh_listed(user.pk, at=timezone.now())

    at_once([user.save, opt_in_and_out])
    profile = LearnerProfile.objects.get(pk=user.pk)
    assert (profile.leaderboard_opt_out, profile.listed) == (False, False)
