"""Which results a board counts, as staff have decided; and what a viewer is told about their own place there."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Subquery

from gamification.models import BoardPolicy, BoardStanding, LearnerKind, LearnerProfile, standing_in_force

from .base import VERIFIED, Metric, verified_of
from .score_updates import refresh_listed


@dataclass(frozen=True)
class View:
    """`ranking` is the metric by which the board ranks at present; `standing` is the viewer's board standing.

    A test learner (`is_test`) sees nobody.
    """

    ranking: Metric
    standing: BoardStanding
    is_test: bool = False


def ranking_in_force(metric: Metric) -> Metric:
    """`metric` itself, or what counts verified results only where the board's policy says so."""
    return _ranking(metric, _policies(metric).first() if verified_of(metric) else None)


def view_of(metric: Metric, viewer_id: int, *, at: datetime) -> View:
    """One statement. A viewer whose time off the boards is over is listed again, before any sweep."""
    policy = Subquery(_policies(metric)[:1])
    viewer = LearnerProfile.objects.filter(pk=viewer_id).values_list(
        policy, "board_standing", "board_standing_until", "listed", "leaderboard_opt_out", "kind"
    )
    if not viewer:
        return View(ranking_in_force(metric), BoardStanding.RANKED)
    [(trust, decided, until, is_listed, is_opted_out, kind)] = viewer
    standing = standing_in_force(decided, until, at)
    if standing != decided and not is_listed and not is_opted_out:
        refresh_listed(viewer_id, at=at)
    return View(_ranking(metric, trust), standing, is_test=kind == LearnerKind.TEST)


def ensure_board_policies(using: str) -> None:
    """Every board of XP has a policy; existing ones are not changed."""
    policies = BoardPolicy.objects.using(using)
    missing = VERIFIED.keys() - policies.values_list("metric", flat=True)
    policies.bulk_create(BoardPolicy(metric=name) for name in sorted(missing))


def _policies(metric: Metric) -> QuerySet[BoardPolicy, str]:
    return BoardPolicy.objects.filter(metric=metric.name).values_list("trust", flat=True)


def _ranking(metric: Metric, policy: str | None) -> Metric:
    return (verified_of(metric) or metric) if policy == BoardPolicy.Trust.VERIFIED else metric
