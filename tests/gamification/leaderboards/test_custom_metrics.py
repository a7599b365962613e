"""Boards of metrics that staff made, over both stores; with real commits, since Redis is updated after them."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import Standing, board_of, verified_of
from gamification.models import BoardPolicy, LearnerKind, LearnerProfile
from skillquest.accounts.erasing import erase_person
from tests.factories import MetricFactory, UserFactory
from tests.tracking.metrics.reporting import record
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.recording.trust import Reporter

from .reading import opt

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = board_of("pages_read")
URL = "/api/v1/gamification/leaderboard/metric:pages_read"
SERVER = Reporter("sq_live_abc")


@pytest.fixture(autouse=True)
def _boards_that_stand(backend):
    MetricFactory()
    if backend == "redis":
        build()


def build():
    at = timezone.now()
    for metric in (PAGES, verified_of(PAGES)):
        assert redis.store().build(metric, at=at, oldest=at)


def scores(metric=PAGES):
    """In the chosen store, without a fallback."""
    at, shown = timezone.now(), board(metric)
    if isinstance(shown, redis.RedisBoard):
        ranking = redis.store().read(metric, None, limit=100, around=0, at=at)
        assert ranking is not None
    else:
        ranking = shown.read(None, limit=100, around=0, at=at)
    return {each.learner_id: each.score for each in ranking.top}


def test_events_move_learners_on_the_board():
    ana, budi = UserFactory(), UserFactory()
    record(ana, 5)
    record(budi, 3)
    record(budi, 4)
    assert list(scores().items()) == [(budi.pk, 7), (ana.pk, 5)]
    assert board(PAGES).rank_of(ana.pk, at=timezone.now()) == Standing(2, ana.pk, 5)


def test_the_verified_board_counts_what_servers_reported(learner):
    record(learner, 5)
    record(learner, 3, reporter=SERVER)
    assert (scores(), scores(verified_of(PAGES))) == ({learner.pk: 8}, {learner.pk: 3})


def test_whoever_opts_out_leaves_the_board_and_comes_back(learner):
    record(learner, 5)
    opt(learner, out=True)
    record(learner, 2)
    assert scores() == {}
    opt(learner, out=False)
    assert scores() == {learner.pk: 7}


def test_guests_and_test_learners_stand_on_no_board():
    for kind in (LearnerKind.GUEST, LearnerKind.TEST):
        record(UserFactory(profile__kind=kind, profile__listed=False), 5)
    assert scores() == {}


def test_an_erased_learner_leaves_the_board(learner):
    record(learner, 5)
    erase_person(user_id=learner.pk, at=timezone.now())
    assert scores() == {}


def test_rebuilding_profiles_corrects_the_board(learner):
    record(learner, 5)
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"pages_read": 500})
    list(rebuild_profiles(write=True, at=timezone.now()))
    assert scores() == {learner.pk: 5}


def test_the_command_builds_them_too(backend, learner):
    record(learner, 5)
    if backend == "redis":
        redis.store().connection.client.flushdb()
    call_command("rebuild_leaderboards", verbosity=0)
    assert scores() == {learner.pk: 5}


def test_the_answer_says_what_counts_and_where_i_stand(learner_api, learner):
    record(learner, 5)
    record(UserFactory(), 9)
    answer = learner_api.get(URL).json()
    assert (answer["metric"], answer["trust"], answer["total"]) == ("metric:pages_read", "all", 2)
    assert [(entry["rank"], entry["score"]) for entry in answer["entries"]] == [(1, 9), (2, 5)]
    assert answer["me"] == {"rank": 2, "score": 5, "percentile": 50}
    assert learner_api.get(f"{URL}/rank").json()["rank"] == 2


def test_staff_choose_what_it_counts(learner_api, learner):
    BoardPolicy.objects.update_or_create(metric="metric:pages_read", defaults={"trust": "verified"})
    record(learner, 5)
    record(learner, 3, reporter=SERVER)
    answer = learner_api.get(URL).json()
    assert (answer["metric"], answer["trust"], answer["me"]["score"]) == ("metric:pages_read", "verified", 3)


@pytest.mark.parametrize(
    "name", ["metric:no_such", "metric:", "metric:pages_read:verified", "metric:words_learned", "pages_read"]
)
def test_an_unknown_board_is_not_found(learner_api, name):
    assert learner_api.get(f"/api/v1/gamification/leaderboard/{name}").status_code == 404


def test_a_metric_that_is_out_of_use_has_no_board(learner_api, learner):
    record(learner, 5)
    pages = MetricFactory._meta.model.objects.get(metric_id="pages_read")
    pages.published = False
    pages.save()
    assert learner_api.get(URL).status_code == 404


def test_built_in_metrics_with_a_board_are_found_by_their_ids(learner_api):
    answer = learner_api.get("/api/v1/gamification/leaderboard/metric:longest_streak").json()
    assert answer["metric"] == "streak_longest"
