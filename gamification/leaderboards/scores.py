"""Scores for other stores: absolute values, each with the revision of the profile from which they were read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import F, QuerySet

from gamification.models import LearnerProfile, MetricTotal, WindowScore

from .base import ALL_TIME, WINDOWED, Metric, board_of

CHUNK = 5000  # rows read at once

Row = tuple[int, int, int]  # learner id, score, revision


@dataclass(frozen=True)
class Scores:
    """A learner's scores by metric, 0 where they do not appear; for all boards of a group.

    A completion changes totals only, and few metrics that staff made, so each group is as old as it is independently
    of the others: `totals`, `windows`, and one for each metric that staff made.
    """

    group: str
    learner_id: int
    revision: int
    by_metric: dict[str, int]


def group_of(metric: Metric) -> str:
    if metric.custom:
        return board_of(metric.custom).name
    return "windows" if metric.is_windowed else "totals"


def totals_of(profile: LearnerProfile, at: datetime) -> Scores:
    by_metric = {metric.name: _score(profile, metric, at) for metric in ALL_TIME}
    return Scores("totals", profile.pk, profile.revision, by_metric)


def changed_metrics_of(profile: LearnerProfile) -> Iterator[Scores]:
    """Of the metrics that staff made whose totals the last write of `profile` has changed."""
    for name in profile.changed_metrics:
        total, verified = profile.counters.get(name, 0), profile.verified_counters.get(name, 0)
        yield _of_metric(profile, name, total, verified)


def _of_metric(profile: LearnerProfile, name: str, total: int, verified: int) -> Scores:
    board = board_of(name).name
    by_metric = {board: total, f"{board}:verified": verified}
    by_metric = {name: score if profile.listed else 0 for name, score in by_metric.items()}
    return Scores(board, profile.pk, profile.revision, by_metric)


def scores_of(learner_ids: Iterable[int], at: datetime) -> Iterator[Scores]:
    """The scores of these learners on every board, as they are in the database."""
    learner_ids = list(learner_ids)
    in_windows = WindowScore.objects.filter(learner_id__in=learner_ids).order_by("learner_id")
    windows = {learner_id: list(rows) for learner_id, rows in groupby(in_windows, key=lambda row: row.learner_id)}
    of_metrics = defaultdict(list)
    for row in MetricTotal.objects.filter(learner_id__in=learner_ids):
        of_metrics[row.learner_id].append(row)
    for profile in LearnerProfile.objects.filter(pk__in=learner_ids):
        yield totals_of(profile, at)
        for row in of_metrics[profile.pk]:
            yield _of_metric(profile, row.metric_id, row.total, row.verified_total)
        scores = {row.metric: row.score for row in windows.get(profile.pk, []) if profile.listed}
        by_metric = {metric.name: scores.get(metric.name, 0) for metric in WINDOWED}
        yield Scores("windows", profile.pk, profile.revision, by_metric)


def rows_of(metric: Metric, at: datetime) -> Iterator[list[Row]]:
    """The whole board, in chunks by learner id, each as it is when it is read."""
    last = 0
    while chunk := list(_rows_after(last, metric, at)[:CHUNK]):
        yield chunk
        last = chunk[-1][0]


def _rows_after(learner_id: int, metric: Metric, at: datetime) -> QuerySet:
    if metric.is_windowed:
        rows = WindowScore.objects.filter(metric=metric.name, score__gt=0, learner_id__gt=learner_id)
        listed = rows.filter(learner__profile__listed=True).order_by("learner_id")
        return listed.values_list("learner_id", "score", "learner__profile__revision")
    if metric.custom:
        totals = MetricTotal.objects.ranked(metric.custom, verified=metric.only_verified)
        in_order = totals.filter(learner_id__gt=learner_id).order_by("learner_id")
        return in_order.values_list("learner_id", "score", "learner__profile__revision")
    learners = LearnerProfile.objects.visible().filter(pk__gt=learner_id, **{f"{metric.column}__gt": 0}).order_by("pk")
    if metric.name == "streak_current":
        learners = learners.with_live_streak(at)
    return learners.values_list("pk", F(metric.column), "revision")


def _score(profile: LearnerProfile, metric: Metric, at: datetime) -> int:
    if not profile.listed:
        return 0
    if metric.name == "streak_current" and not (profile.streak_expires_at and profile.streak_expires_at > at):
        return 0
    return getattr(profile, metric.column)
