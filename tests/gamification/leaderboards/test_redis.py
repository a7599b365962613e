"""Redis is emptied, changed by hand or out of date: answers stay right, and Redis is soon right again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.leaderboards import redis_board as redis
from gamification.leaderboards import redis_scripts as scripts
from gamification.leaderboards import scores as sources
from gamification.leaderboards.backends import board
from gamification.leaderboards.base import Standing
from gamification.leaderboards.scores import Scores
from tests.factories import UserFactory

from .conftest import wait_for_repairs
from .reading import BOARD, BUILDING, NEXT, WEEKLY, XP, build, in_redis, opt, shown_scores, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_backend")]


@pytest.fixture
def client(redis_backend):
    return redis_backend.connection.client


def test_a_board_is_built_on_the_first_request(give):
    ana = UserFactory()
    give(ana, 10)
    assert shown_scores() == {ana.pk: 10}
    wait_for_repairs()
    assert in_redis() == {ana.pk: 10}


def test_a_window_is_built_on_the_first_request(give):
    ana = UserFactory()
    give(ana, 10)
    assert shown_scores(WEEKLY) == {ana.pk: 10}
    wait_for_repairs()
    assert in_redis(WEEKLY) == {ana.pk: 10}


def test_a_single_score_does_not_make_a_board_complete(give, client):
    give(UserFactory(), 10)
    assert client.zcard(BOARD) == 1
    assert in_redis() is None
    wait_for_repairs()


@pytest.mark.parametrize("lose", ["flushall", "delete"])
def test_a_lost_board_is_built_again(give, client, lose):
    ana, budi = UserFactory(), UserFactory()
    give(ana, 10)
    assert build()
    client.flushall() if lose == "flushall" else client.delete(BOARD)
    give(budi, 20)
    assert shown_scores() == {budi.pk: 20, ana.pk: 10}
    wait_for_repairs()
    assert in_redis() == {budi.pk: 20, ana.pk: 10}


@pytest.mark.parametrize("which", ["board", "next", "building", "guard"])
def test_keys_of_another_type_cause_no_error(give, client, which):
    ana = UserFactory()
    give(ana, 10)
    assert build()
    key = {"board": BOARD, "next": NEXT, "building": BUILDING, "guard": redis._guard("totals", ana.pk)}[which]
    client.delete(key)
    client.rpush(key, "a list")
    assert shown_scores() == {ana.pk: 10}
    give(ana, 5)
    assert shown_scores() == {ana.pk: 15}
    wait_for_repairs()
    assert build()
    assert in_redis() == {ana.pk: 15}
    assert not redis.store().connection.is_unavailable


def test_an_older_write_never_overwrites_a_newer_one():
    assert build()
    store = redis.store()
    for revision, score in [(5, 50), (4, 40), (5, 51), (3, 0), (7, 0), (6, 60)]:
        store.update_scores([Scores("totals", 1, revision, {"xp_all_time": score})])
        expected = {5: {1: 50}, 4: {1: 50}, 3: {1: 51}, 7: {}, 6: {}}[revision]
        assert in_redis() == ({1: 51} if score == 51 else expected)


def test_completions_while_a_board_is_built_are_on_it(give, monkeypatch, client):
    people = [UserFactory() for _ in range(6)]
    for user in people:
        give(user, 10)
    early, late, leaving_early, leaving_late, newcomer, unchanged = people
    opt(newcomer, out=True)
    monkeypatch.setattr(sources, "CHUNK", 2)
    plain = sources.rows_of

    def rows_with_life_between(metric, at):
        for number, chunk in enumerate(plain(metric, at)):
            if number == 0:  # read already, and not written yet
                give(early, 1)
                give(late, 2)
                opt(leaving_early, out=True)
            yield chunk
            if number == 0:
                opt(leaving_late, out=True)
                opt(newcomer, out=False)
                give(early, 1)

    monkeypatch.setattr(sources, "rows_of", rows_with_life_between)
    assert build()
    assert in_redis() == {early.pk: 12, late.pk: 12, newcomer.pk: 10, unchanged.pk: 10}
    assert client.exists(NEXT, BUILDING) == 0


def test_one_builder_at_a_time(client):
    store = redis.store()
    assert store.connection.run(scripts.START, [BUILDING, NEXT], ["other", 60_000])
    assert build() is False
    assert in_redis() is None
    wait_for_repairs()
    client.pexpire(BUILDING, 1)
    wait_until(lambda: not client.exists(BUILDING))
    assert build() is True


def test_a_builder_stops_when_another_one_has_replaced_it(give, monkeypatch):
    ana = UserFactory()
    give(ana, 10)
    connection = redis.store().connection
    plain = sources.rows_of

    def rows_read_too_slowly(metric, at):
        connection.client.delete(BUILDING)
        connection.run(scripts.START, [BUILDING, NEXT], ["other", 60_000])
        return plain(metric, at)

    monkeypatch.setattr(sources, "rows_of", rows_read_too_slowly)
    assert build() is False
    assert in_redis() is None
    assert connection.client.exists(NEXT) == 0
    wait_for_repairs()


def test_a_wrong_score_in_redis_lasts_at_most_15_minutes(give, client, time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    ana = UserFactory()
    give(ana, 10)
    assert build()
    client.zadd(BOARD, {redis._member(ana.pk): -99})
    assert shown_scores() == {ana.pk: 99}
    time_machine.shift(timedelta(minutes=15))
    assert shown_scores() == {ana.pk: 99}  # not too old yet, but old enough to be built anew
    wait_for_repairs()
    assert shown_scores() == {ana.pk: 10}
    client.zadd(BOARD, {redis._member(ana.pk): -99})
    time_machine.shift(timedelta(minutes=15, seconds=1))
    assert shown_scores() == {ana.pk: 10}
    wait_for_repairs()


def test_a_window_shows_when_it_was_computed(give, time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    computed_at = timezone.now()
    ana = UserFactory()
    give(ana, 10)
    assert build(WEEKLY)
    time_machine.shift(timedelta(minutes=9))
    give(ana, 5)
    ranking = board(WEEKLY).read(ana.pk, limit=5, around=5, at=timezone.now())
    assert (ranking.as_of, ranking.me) == (computed_at, Standing(1, ana.pk, 10))
    assert board(XP).read(ana.pk, limit=5, around=5, at=timezone.now()).as_of == timezone.now()
    wait_for_repairs()


def test_a_window_from_the_future_is_built_again_once_the_clock_was_set_back(give, time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    ana = UserFactory()
    give(ana, 10)
    time_machine.shift(timedelta(days=30))
    assert build(WEEKLY)
    assert shown_scores(WEEKLY) == {}
    time_machine.shift(timedelta(days=-30))
    assert in_redis(WEEKLY) is None
    wait_for_repairs()
    assert in_redis(WEEKLY) == shown_scores(WEEKLY) == {ana.pk: 10}


def test_a_rank_costs_one_redis_request(give, django_assert_num_queries):
    ana = UserFactory()
    give(ana, 10)
    assert build()
    with django_assert_num_queries(0):
        assert board(XP).rank_of(ana.pk, at=timezone.now()) == Standing(1, ana.pk, 10)
