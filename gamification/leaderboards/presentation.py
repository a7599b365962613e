"""Boards as they are shown: standings with names, levels and titles."""

from dataclasses import dataclass
from datetime import datetime

from gamification.models import BoardPolicy, BoardStanding, LearnerProfile, public_name
from gamification.pricing.progression import player_level_at
from gamification.pricing.rules import Rules
from gamification.rule_sets.publishing import published_rules

from .backends import board
from .base import Metric, Ranking, Standing
from .policies import View, view_of


@dataclass(frozen=True)
class Entry:
    """`username` is the sign-in name in my own entry, the public name in those of others."""

    rank: int
    user_id: int
    username: str
    display_name: str
    score: int
    level: int
    title: str
    is_me: bool

    @property
    def public_name(self) -> str:
        return public_name(self.user_id, self.display_name)


@dataclass(frozen=True)
class MyStanding:
    """Rank, score and percentile are None for learners without a rank. `percentile`: see `base.Ranking`."""

    metric: str
    trust: BoardPolicy.Trust
    as_of: datetime
    total: int
    standing: BoardStanding
    rank: int | None
    score: int | None
    percentile: int | None


@dataclass(frozen=True)
class Leaderboard:
    """`around` lists me and my neighbours; it is empty, and `me` None, for learners without a rank.

    `trust` says which results count; `standing` is my board standing.
    """

    metric: str
    trust: BoardPolicy.Trust
    as_of: datetime
    total: int
    standing: BoardStanding
    entries: list[Entry]
    around: list[Entry]
    me: MyStanding | None


def show_leaderboard(
    metric: Metric,
    viewer_id: int,
    *,
    limit: int,
    around: int,
    at: datetime,
    rules: Rules | None = None,
    for_tests: bool = False,
) -> Leaderboard:
    """An empty one `for_tests`, and for test learners: they see nobody, and are on no board themselves.

    `rules` are the published ones; without them they are read where somebody is on the board.
    """
    view = view_of(metric, viewer_id, at=at)
    if for_tests or view.is_test:
        return Leaderboard(metric.name, _trust(view), at, 0, view.standing, [], [], None)
    ranking = board(view.ranking).read(viewer_id, limit=limit, around=around, at=at)
    people = _people({standing.learner_id for standing in ranking.top + ranking.around}, viewer_id, rules)
    entries, neighbours = (
        # Redis may learn a moment late that somebody left the boards: their name is not shown any more.
        [_entry(standing, people, viewer_id) for standing in part if standing.learner_id in people]
        for part in (ranking.top, ranking.around)
    )
    me = _my_standing(metric, view, ranking) if ranking.me else None
    return Leaderboard(metric.name, _trust(view), ranking.as_of, ranking.total, view.standing, entries, neighbours, me)


def show_standing(metric: Metric, learner_id: int, *, at: datetime) -> MyStanding:
    view = view_of(metric, learner_id, at=at)
    if view.is_test:
        return MyStanding(metric.name, _trust(view), at, 0, view.standing, None, None, None)
    return _my_standing(metric, view, board(view.ranking).read(learner_id, limit=0, around=0, at=at))


def _trust(view: View) -> BoardPolicy.Trust:
    return BoardPolicy.Trust.VERIFIED if view.ranking.only_verified else BoardPolicy.Trust.ALL


def _my_standing(metric: Metric, view: View, ranking: Ranking) -> MyStanding:
    rank, score = (ranking.me.rank, ranking.me.score) if ranking.me else (None, None)
    return MyStanding(
        metric.name, _trust(view), ranking.as_of, ranking.total, view.standing, rank, score, ranking.percentile
    )


def _people(learner_ids: set[int], viewer_id: int, rules: Rules | None) -> dict[int, dict]:
    """By learner id, what the viewer may see; learners who are not listed are left out."""
    if not learner_ids:
        return {}
    rules = rules or published_rules()
    rows = LearnerProfile.objects.visible().filter(pk__in=learner_ids)
    people = {}
    for learner_id, username, display_name, total_xp in rows.values_list(
        "pk", "user__username", "user__display_name", "total_xp"
    ):
        rank = player_level_at(total_xp, rules)
        people[learner_id] = {
            "username": username if learner_id == viewer_id else public_name(learner_id, display_name),
            "display_name": display_name,
            "level": rank.level,
            "title": rank.title,
        }
    return people


def _entry(standing: Standing, people: dict[int, dict], viewer_id: int) -> Entry:
    learner_id = standing.learner_id
    return Entry(
        rank=standing.rank,
        user_id=learner_id,
        score=standing.score,
        is_me=learner_id == viewer_id,
        **people[learner_id],
    )
