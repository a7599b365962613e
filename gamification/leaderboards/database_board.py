"""Boards straight from rows: LearnerProfile's columns through its partial indexes, windows from WindowScore."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, QuerySet

from gamification.models import LearnerProfile, MetricTotal, WindowScore

from . import windows
from .base import Board, Metric, Ranking, Standing, standings

# Boards up to this size are counted each time; counting a larger one costs as much as finding the last rank.
COUNTED_EACH_TIME = 10_000
TOTAL_REMEMBERED = timedelta(seconds=10)
remembered_totals: dict[str, tuple[datetime, int]] = {}

Rows = list[tuple[int, int]]  # learner id, score

# Each part is read from one range of the board's index. One statement, so one snapshot: the parts agree.
RANKED = "WITH ranked (learner_id, score) AS NOT MATERIALIZED ({rows}) "
TOP = "SELECT * FROM (SELECT 'top', learner_id, score FROM ranked ORDER BY score DESC, learner_id LIMIT {limit}) AS a"
TOTAL = "SELECT 'total', 0, COUNT(*) FROM (SELECT 1 FROM ranked LIMIT {most}) AS b"
ME = "SELECT 'me', learner_id, score FROM ranked WHERE learner_id = {me}"
ABOVE = "SELECT 'above', 0, COUNT(*) FROM ranked WHERE score > {score}"
AROUND = """
    SELECT * FROM (SELECT 'ahead', learner_id, score FROM ranked WHERE score > {score}
        ORDER BY score, learner_id DESC LIMIT {around}) AS c
    UNION ALL SELECT * FROM (SELECT 'tied before', learner_id, score FROM ranked WHERE score = {score}
        AND learner_id < {me} ORDER BY learner_id DESC LIMIT {around}) AS d
    UNION ALL SELECT * FROM (SELECT 'tied after', learner_id, score FROM ranked WHERE score = {score}
        AND learner_id > {me} ORDER BY learner_id LIMIT {around}) AS e
    UNION ALL SELECT * FROM (SELECT 'behind', learner_id, score FROM ranked WHERE score < {score}
        ORDER BY score DESC, learner_id LIMIT {around}) AS f
    UNION ALL SELECT 'tied', 0, COUNT(*) FROM ranked WHERE score = {score}
    UNION ALL SELECT 'between', 0, COUNT(*) FROM ranked WHERE score > {score} AND score <= (
        SELECT MAX(score) FROM (SELECT score FROM ranked WHERE score > {score} ORDER BY score LIMIT {around}) AS g)
"""


def board_rows(metric: Metric, at: datetime) -> QuerySet:
    """Everybody on the board, with `learner_id` and `score`; a windowed one as it was last computed."""
    if metric.is_windowed:
        return WindowScore.objects.filter(metric=metric.name, score__gt=0).values("learner_id", "score")
    if metric.custom:
        return MetricTotal.objects.ranked(metric.custom, verified=metric.only_verified).values("learner_id", "score")
    learners = LearnerProfile.objects.visible().filter(**{f"{metric.column}__gt": 0})
    if metric.name == "streak_current":
        learners = learners.with_live_streak(at)
    return learners.values(learner_id=F("user_id"), score=F(metric.column))


class DatabaseBoard(Board):
    def read(self, learner_id: int | None, *, limit: int, around: int, at: datetime) -> Ranking:
        as_of = windows.ensure_fresh(self.metric, at=at) if self.metric.is_windowed else at
        rows = board_rows(self.metric, at)
        total = _remembered_total(self.metric, at)
        score = _score_of(rows, learner_id)
        while True:
            parts = _read_parts(rows, learner_id, score, limit=limit, around=around, count=total is None)
            score_now = parts["me"][0][1] if parts["me"] else None
            if score_now == score:
                break
            score = score_now  # it changed meanwhile; and the database plans best for a number that it knows
        if total is None:
            total = self._total(parts["total"][0][1], rows, at)
        return _ranking(parts, as_of=as_of, total=total, around=around)

    def _total(self, counted: int, rows: QuerySet, at: datetime) -> int:
        if counted <= COUNTED_EACH_TIME:
            return counted
        total = rows.count()
        remembered_totals[self.metric.name] = (at, total)
        return total


def _score_of(rows: QuerySet, learner_id: int | None) -> int | None:
    return rows.filter(learner_id=learner_id).values_list("score", flat=True).first() if learner_id else None


def _remembered_total(metric: Metric, at: datetime) -> int | None:
    since, total = remembered_totals.get(metric.name, (None, None))
    return total if since and since <= at <= since + TOTAL_REMEMBERED else None


def _read_parts(
    rows: QuerySet, learner_id: int | None, score: int | None, *, limit: int, around: int, count: bool
) -> dict[str, Rows]:
    """Each part in the board's order; with `count` the total too."""
    wanted = [TOP] if limit else []
    wanted += [TOTAL] if count else []
    wanted += [ME] if learner_id else []
    wanted += [ABOVE] if score else []
    wanted += [AROUND] if score and around else []
    parts = defaultdict(list)
    if wanted:
        sql, values = rows.query.sql_with_params()
        statement = RANKED.format(rows=sql) + " UNION ALL ".join(wanted).format(
            limit=limit, around=around, me=learner_id, score=score, most=COUNTED_EACH_TIME + 1
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            for part, *row in sorted(cursor.fetchall(), key=lambda row: (-row[2], row[1])):
                parts[part].append(tuple(row))
    return parts


def _ranking(parts: dict[str, Rows], *, as_of: datetime, total: int, around: int) -> Ranking:
    top = standings(parts["top"], position=1, rank=1)
    me, neighbours = None, []
    if parts["above"]:
        [(learner_id, score)], [(_, above)] = parts["me"], parts["above"]
        me = Standing(above + 1, learner_id, score)
        neighbours = _around(parts, me, around)
    # A remembered total may be smaller than a rank that was just read.
    known = max((standing.rank for standing in top + neighbours), default=0)
    return Ranking(as_of, max(total, known), top, neighbours, me)


def _around(parts: dict[str, Rows], me: Standing, neighbours: int) -> list[Standing]:
    if not neighbours:
        return [me]
    [(_, tied)], [(_, between)] = parts["tied"], parts["between"]
    above = me.rank - 1
    ahead = standings(parts["ahead"], position=me.rank - len(parts["ahead"]), rank=me.rank - between)
    tied_before = standings(parts["tied before"], position=me.rank, rank=me.rank)
    tied_after = standings(parts["tied after"], position=me.rank, rank=me.rank)
    behind = standings(parts["behind"], position=above + tied + 1, rank=above + tied + 1)
    return [*(ahead + tied_before)[-neighbours:], me, *(tied_after + behind)[:neighbours]]
