"""Boards follow every change at once, over both stores; with real commits, since Redis is updated after them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import APIException

from gamification.awards.activity import check_in
from gamification.awards.adjustments import reverse
from gamification.leaderboards import redis_board as redis
from gamification.leaderboards import windows
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS, Ranking, Standing
from gamification.leaderboards.score_updates import refresh_all_listed
from gamification.ledger.audit import repair_totals
from gamification.models import LearnerProfile
from gamification.profiles.locking import lock_profile
from gamification.profiles.standing import profile_of
from skillquest.accounts.models import User
from tests.factories import LevelFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

XP = METRICS["xp_all_time"]


@pytest.fixture(autouse=True)
def _boards_that_stand(backend):
    """Boards are built beforehand, so that Redis answers and not the database as its fallback."""
    if backend == "redis":
        build_all()


def build_all():
    at = timezone.now()
    for metric in METRICS.values():
        assert redis.store().build(metric, at=at, oldest=at)


def in_store(metric, learner_id=None, *, at=None):
    """The ranking in the chosen store, without a fallback."""
    at = at or timezone.now()
    shown = board(metric)
    if isinstance(shown, redis.RedisBoard):
        ranking = redis.store().read(metric, learner_id, limit=100, around=5, at=at)
        assert ranking is not None
        return ranking
    return shown.read(learner_id, limit=100, around=5, at=at)


def scores(metric=XP, **options):
    return {each.learner_id: each.score for each in in_store(metric, **options).top}


def test_xp_moves_a_learner_up_and_down(give):
    ana, budi = UserFactory(), UserFactory()
    give(ana, 10)
    entry = give(budi, 20)
    assert scores() == {budi.pk: 20, ana.pk: 10}
    reverse(entry, actor=StaffFactory(), note="", at=timezone.now())
    assert scores() == {ana.pk: 10}
    assert in_store(XP, ana.pk).me == Standing(1, ana.pk, 10)


def test_a_completion_moves_every_board_that_it_concerns(learner_api, learner):
    LevelFactory(level_id="arena")
    learner_api.post("/api/v1/levels/complete", {"level_id": "arena", "score": 0})
    assert {name: scores(METRICS[name]) for name in METRICS if not METRICS[name].is_windowed} == {
        "xp_all_time": {learner.pk: 10},
        "streak_current": {learner.pk: 1},
        "streak_longest": {learner.pk: 1},
        "levels_completed": {learner.pk: 1},
        "achievements_unlocked": {},
    }


def test_a_check_in_that_pays_nothing_moves_the_streak_boards(learner):
    check_in(learner.pk, at=timezone.now())
    assert scores(METRICS["streak_current"]) == scores(METRICS["streak_longest"]) == {learner.pk: 1}
    assert scores() == {}


def test_what_is_rolled_back_moves_nothing(give, learner):
    with transaction.atomic():
        give(learner, 10)
        transaction.set_rollback(True)
    with pytest.raises(APIException):
        give(learner, -10)
    assert scores() == {}


def test_a_repaired_total_is_on_the_board(give, learner):
    give(learner, 10)
    LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=99)
    repair_totals(learner.pk)
    assert scores() == {learner.pk: 10}


class TestLeaving:
    @pytest.fixture
    def people(self, give):
        ana, budi = UserFactory(), UserFactory()
        give(ana, 10)
        give(budi, 20)
        check_in(budi.pk, at=timezone.now())
        for metric in METRICS.values():
            if metric.is_windowed:
                windows.refresh(metric, at=timezone.now(), oldest=timezone.now())
        if isinstance(board(XP), redis.RedisBoard):
            build_all()
        return ana, budi

    def is_on_boards(self, user):
        return {name: user.pk in scores(metric) for name, metric in METRICS.items() if name != "achievements_unlocked"}

    def check(self, leave, return_to_boards, ana, budi):
        streaks = ("streak_current", "streak_longest")
        there = dict.fromkeys([name for name in METRICS if name not in ("achievements_unlocked",)], True)
        there["levels_completed"] = False
        assert self.is_on_boards(budi) == there
        leave()
        assert self.is_on_boards(budi) == dict.fromkeys(there, False)
        for name in ("xp_all_time", "xp_weekly"):
            ranking = in_store(METRICS[name], ana.pk)
            assert (ranking.total, ranking.me) == (1, Standing(1, ana.pk, 10))
            assert in_store(METRICS[name], budi.pk).me is None
        for name in streaks:
            assert in_store(METRICS[name]).total == 0
        return_to_boards()
        assert self.is_on_boards(budi) == there

    def test_opting_out_removes_a_learner_until_they_opt_in(self, people, sign_in):
        ana, budi = people
        api = sign_in(budi)

        def say(opt_out):
            return lambda: api.patch("/api/v1/auth/me", {"leaderboard_opt_out": opt_out})

        self.check(say(True), say(False), ana, budi)

    def test_deactivating_removes_a_learner_until_they_are_activated(self, people):
        ana, budi = people

        def save(is_active):
            budi.is_active = is_active
            budi.save(update_fields=["is_active"])

        self.check(lambda: save(False), lambda: save(True), ana, budi)

    def test_deactivating_in_the_admin_removes_a_learner_until_they_are_activated(self, people, client):
        ana, budi = people
        client.force_login(StaffFactory())
        form = {"username": budi.username, "email": budi.email, "display_name": "", "language": "en"}
        url = f"/admin/accounts/user/{budi.pk}/change/"

        def post(**more):
            answer = client.post(url, form | more)
            assert answer.status_code == 302, answer.content.decode()[:3000]

        self.check(lambda: post(), lambda: post(is_active="on"), ana, budi)

    def test_a_direct_update_takes_effect_when_the_boards_are_rebuilt(self, people):
        ana, budi = people

        def update(is_active):
            User.objects.filter(pk=budi.pk).update(is_active=is_active)
            assert refresh_all_listed(at=timezone.now()) == 1
            assert refresh_all_listed(at=timezone.now()) == 0

        self.check(lambda: update(False), lambda: update(True), ana, budi)

    def test_a_learner_who_opted_out_and_was_deactivated_returns_after_both_are_undone(self, people):
        _, budi = people
        profile = profile_of(budi)
        profile.leaderboard_opt_out = True
        profile.save(update_fields=["leaderboard_opt_out"])
        budi.is_active = False
        budi.save()
        budi.is_active = True
        budi.save()
        assert budi.pk not in scores()

    def test_xp_earned_while_not_listed_is_on_the_board_afterwards(self, people, give):
        _, budi = people
        budi.is_active = False
        budi.save()
        give(budi, 5)
        assert budi.pk not in scores()
        budi.is_active = True
        budi.save()
        assert scores()[budi.pk] == 25


def test_a_new_profile_of_a_deactivated_user_is_not_listed():
    user = UserFactory(is_active=False)
    LearnerProfile.objects.filter(pk=user.pk).delete()
    with transaction.atomic():
        assert lock_profile(user.pk).listed is False
    assert UserFactory().profile.listed is True


def test_a_streak_leaves_within_15_minutes_of_running_out(learner, time_machine):
    time_machine.move_to("2026-11-20T23:50:00Z", tick=False)
    LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=0)
    check_in(learner.pk, at=timezone.now())
    metric, at = METRICS["streak_current"], timezone.now()
    if isinstance(board(metric), redis.RedisBoard):
        build_all()
    alive = Ranking(at, 1, *[[Standing(1, learner.pk, 1)]] * 2, Standing(1, learner.pk, 1))
    assert board(metric).read(learner.pk, limit=5, around=5, at=at) == alive
    lapsed = LearnerProfile.objects.get(pk=learner.pk).streak_expires_at
    later = lapsed + timedelta(minutes=15)
    assert board(metric).read(learner.pk, limit=5, around=5, at=later) == Ranking(later, 0)
