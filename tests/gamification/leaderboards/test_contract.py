"""What every board guarantees, with each store and database: all parts of an answer come from one ranking."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from gamification.leaderboards import database_board as database
from gamification.leaderboards.backends import check_backend
from gamification.leaderboards.base import METRICS, RANKINGS, Ranking, Standing, find_metric
from gamification.models import MAX_TOTAL_XP, LearnerProfile

from .filled_boards import Oracle, answer_of, fill_board

# Scores are written straight into the columns that boards rank by.
pytestmark = [pytest.mark.django_db, pytest.mark.tampers]

XP = METRICS["xp_all_time"]
EVERY_METRIC = pytest.mark.parametrize("metric", RANKINGS.values(), ids=RANKINGS)


@EVERY_METRIC
def test_equal_scores_share_a_rank_and_are_listed_by_learner_id(backend, make_learners, now, metric):
    ids = make_learners(5)
    board = fill_board(metric, dict(zip(ids, [7, 20, 7, 0, 3], strict=True)), at=now)
    first, second, third, last = (
        Standing(1, ids[1], 20),
        Standing(2, ids[0], 7),
        Standing(2, ids[2], 7),
        Standing(4, ids[4], 3),
    )
    assert board.read(ids[2], limit=10, around=1, at=now) == Ranking(
        as_of=now, total=4, top=[first, second, third, last], around=[second, third, last], me=third
    )
    assert board.top(2, at=now) == [first, second]
    assert board.around(ids[1], 2, at=now) == [first, second, third]
    assert board.around(ids[4], 0, at=now) == [last]
    assert board.rank_of(ids[0], at=now) == second


@EVERY_METRIC
def test_an_empty_board_is_empty(backend, make_learners, now, metric):
    [me] = make_learners(1)
    board = fill_board(metric, {me: 0}, at=now)
    assert board.read(me, limit=10, around=5, at=now) == Ranking(as_of=now, total=0)
    assert board.read(None, limit=10, around=5, at=now) == Ranking(as_of=now, total=0)


def test_a_learner_without_a_score_sees_the_top_and_has_no_rank(backend, make_learners, now):
    me, other = make_learners(2)
    board = fill_board(XP, {me: 0, other: 5}, at=now)
    assert board.read(me, limit=10, around=5, at=now) == Ranking(as_of=now, total=1, top=[Standing(1, other, 5)])
    assert board.read(me, limit=10, around=5, at=now).percentile is None
    assert board.rank_of(10**12, at=now) is None


@EVERY_METRIC
def test_a_learner_who_is_not_listed_is_neither_shown_nor_counted(backend, make_learners, now, metric):
    ids = make_learners(3)
    LearnerProfile.objects.filter(pk=ids[0]).update(listed=False)
    board = fill_board(metric, dict(zip(ids, [30, 20, 10], strict=True)), at=now)
    shown = [Standing(1, ids[1], 20), Standing(2, ids[2], 10)]
    assert board.read(ids[2], limit=10, around=5, at=now) == Ranking(now, 2, shown, shown, shown[1])
    assert board.read(ids[0], limit=0, around=5, at=now) == Ranking(now, 2)


@pytest.mark.parametrize(
    ("scores", "percentiles"),
    [
        ([9], [100]),
        ([9, 8, 7, 6], [100, 75, 50, 25]),
        ([9, 9, 9], [100, 100, 100]),
        ([9, 8, 8], [100, 66, 66]),
    ],
)
def test_percentile_is_the_share_of_those_not_above_me(backend, make_learners, now, scores, percentiles):
    ids = make_learners(len(scores))
    board = fill_board(XP, dict(zip(ids, scores, strict=True)), at=now)
    assert [board.read(each, limit=0, around=0, at=now).percentile for each in ids] == percentiles


def test_the_largest_totals_are_distinguished(backend, make_learners, now):
    ids = make_learners(3)
    scores = [MAX_TOTAL_XP - 1, MAX_TOTAL_XP, MAX_TOTAL_XP - 2]
    board = fill_board(XP, dict(zip(ids, scores, strict=True)), at=now)
    assert [(each.learner_id, each.score) for each in board.top(3, at=now)] == [
        (ids[1], MAX_TOTAL_XP),
        (ids[0], MAX_TOTAL_XP - 1),
        (ids[2], MAX_TOTAL_XP - 2),
    ]
    assert board.around(ids[0], 1, at=now) == board.top(3, at=now)


def test_a_streak_that_has_run_out_is_on_no_board(backend, make_learners, now):
    alive, lapsed = make_learners(2)
    metric = METRICS["streak_current"]
    fill_board(metric, {alive: 3, lapsed: 9}, at=now)
    LearnerProfile.objects.filter(pk=lapsed).update(streak_expires_at=now)
    board = fill_board(metric, {}, at=now + timedelta(seconds=1))
    assert board.read(lapsed, limit=5, around=5, at=now + timedelta(seconds=1)) == Ranking(
        now + timedelta(seconds=1), 1, [Standing(1, alive, 3)]
    )
    longest = fill_board(METRICS["streak_longest"], {alive: 3, lapsed: 9}, at=now)
    assert [standing.learner_id for standing in longest.top(5, at=now)] == [lapsed, alive]


def test_any_small_board_agrees_with_counting(backend, make_learners, now):
    ids = make_learners(9)
    moments = iter(range(1_000_000))

    @examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        scores=st.lists(st.integers(0, 4), min_size=len(ids), max_size=len(ids)),
        listed=st.lists(st.sampled_from([True, True, True, False]), min_size=len(ids), max_size=len(ids)),
        metric=st.sampled_from(list(RANKINGS.values())),
        limit=st.integers(0, 10),
        around=st.integers(0, 10),
    )
    def agrees(scores, listed, metric, limit, around):
        at = now + timedelta(seconds=next(moments))
        hidden = {each for each, is_listed in zip(ids, listed, strict=True) if not is_listed}
        LearnerProfile.objects.filter(pk__in=ids).update(listed=True)
        LearnerProfile.objects.filter(pk__in=hidden).update(listed=False)
        board = fill_board(metric, dict(zip(ids, scores, strict=True)), at=at)
        seen = {each: score for each, score in zip(ids, scores, strict=True) if each not in hidden}
        oracle = Oracle(seen)
        for each in ids:
            ranking = board.read(each, limit=limit, around=around, at=at)
            assert answer_of(ranking) == oracle.answer(each, limit=limit, around=around)

    agrees()


def test_a_board_of_many_with_many_ties_agrees_with_counting(backend, make_learners, now, monkeypatch):
    """The same with 100 000 learners: `python -m benchmarks.leaderboards_agreement`."""
    monkeypatch.setattr(database, "COUNTED_EACH_TIME", 100)
    rng = random.Random(4)
    ids = make_learners(250)
    scores = {each: rng.randint(1, 10) if rng.random() < 0.3 else rng.randint(0, 100_000) for each in ids}
    board, oracle = fill_board(XP, scores, at=now), Oracle(scores)
    for each in ids:
        limit, around = rng.randint(0, 100), rng.randint(0, 50)
        ranking = board.read(each, limit=limit, around=around, at=now)
        assert answer_of(ranking) == oracle.answer(each, limit=limit, around=around)


def test_the_total_of_a_large_board_may_be_ten_seconds_old(make_learners, now, settings, monkeypatch):
    settings.LEADERBOARD_BACKEND = "database"
    monkeypatch.setattr(database, "COUNTED_EACH_TIME", 2)
    ids = make_learners(5)
    board = fill_board(XP, dict.fromkeys(ids[:3], 9), at=now)
    assert board.read(ids[0], limit=2, around=0, at=now).total == 3
    fill_board(XP, {ids[3]: 8, ids[4]: 7}, at=now)
    soon, later = now + timedelta(seconds=10), now + timedelta(seconds=11)
    assert board.read(ids[0], limit=2, around=0, at=soon).total == 3
    assert board.read(ids[4], limit=2, around=0, at=soon).total == 5  # no rank is above the total
    assert board.read(ids[0], limit=2, around=0, at=later).total == 5


def test_metrics_have_the_names_that_clients_know():
    assert list(METRICS) == [
        "xp_all_time",
        "xp_weekly",
        "xp_monthly",
        "streak_current",
        "streak_longest",
        "levels_completed",
        "achievements_unlocked",
    ]
    assert find_metric("scenarios_completed") is METRICS["levels_completed"]
    assert find_metric("luck") is None


@pytest.mark.parametrize(
    ("backend", "url", "problems"),
    [
        ("database", "", []),
        ("redis", "redis://localhost", []),
        ("redis", "", ["LEADERBOARD_BACKEND is 'redis', but there is no REDIS_URL."]),
        ("paper", "", ["LEADERBOARD_BACKEND is 'paper'; it may be database or redis."]),
    ],
)
def test_manage_check_reports_an_impossible_backend(settings, backend, url, problems):
    settings.LEADERBOARD_BACKEND, settings.REDIS_URL = backend, url
    assert [problem.msg for problem in check_backend()] == problems
