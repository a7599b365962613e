"""What a leaderboard is: one ranking of learners by a metric; the top, my neighbours and my rank are parts of it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gamification.conditions.metrics import ALIASES
from gamification.models import BOARD_PREFIX


@dataclass(frozen=True)
class Metric:
    """All-time boards rank by a column of LearnerProfile; windowed ones by the XP of the last `days` UTC dates.

    Those of `custom` metrics, which staff made, rank by MetricTotal. `only_verified`: what counts has the trust
    verified.
    """

    name: str
    column: str = ""
    days: int = 0
    only_verified: bool = False
    custom: str = ""

    @property
    def is_windowed(self) -> bool:
        return self.days > 0


XP_ALL_TIME = Metric("xp_all_time", column="total_xp")
XP_WINDOWS = (Metric("xp_weekly", days=7), Metric("xp_monthly", days=30))
OTHERS = (
    Metric("streak_current", column="streak_run"),
    Metric("streak_longest", column="longest_streak"),
    Metric("levels_completed", column="levels_completed"),
    Metric("achievements_unlocked", column="achievements_unlocked"),
)
METRICS = {metric.name: metric for metric in (XP_ALL_TIME, *XP_WINDOWS, *OTHERS)}
# Boards whose policy may be to count verified results only: name -> what they rank by then. Stores keep both, so that
# another policy needs no new data.
VERIFIED = {
    metric.name: replace(
        metric,
        name=f"{metric.name}:verified",
        column="" if metric.is_windowed else "verified_xp",
        only_verified=True,
    )
    for metric in (XP_ALL_TIME, *XP_WINDOWS)
}
# Everything that stores keep, by name.
RANKINGS = {metric.name: metric for metric in (*METRICS.values(), *VERIFIED.values())}
ALL_TIME = tuple(metric for metric in RANKINGS.values() if not metric.is_windowed)
WINDOWED = tuple(metric for metric in RANKINGS.values() if metric.is_windowed)


def find_metric(name: str) -> Metric | None:
    """Not of a metric that staff made; see `custom.find_board`."""
    return METRICS.get(ALIASES.get(name, name))


def board_of(metric_id: str) -> Metric:
    """Of a metric that staff made."""
    return Metric(f"{BOARD_PREFIX}{metric_id}", custom=metric_id)


def verified_of(metric: Metric) -> Metric | None:
    """What ranks by verified results only; None where the board has no such policy."""
    if metric.custom:
        return replace(metric, name=f"{metric.name}:verified", only_verified=True)
    return VERIFIED.get(metric.name)


def ranking_named(name: str) -> Metric:
    """Of RANKINGS, or of a metric that staff made."""
    if name in RANKINGS:
        return RANKINGS[name]
    metric_id, _, verified = name.removeprefix(BOARD_PREFIX).partition(":")
    board = board_of(metric_id)
    return replace(board, name=name, only_verified=True) if verified else board


@dataclass(frozen=True)
class Standing:
    """One entry of a board. Rank = 1 + learners with a higher score, so equal scores share it: 1, 2, 2, 4."""

    rank: int
    learner_id: int
    score: int


@dataclass(frozen=True)
class Ranking:
    """A board at one moment; all parts agree. `me` is None for learners without a rank."""

    as_of: datetime
    total: int
    top: list[Standing] = field(default_factory=list)
    around: list[Standing] = field(default_factory=list)
    me: Standing | None = None

    @property
    def percentile(self) -> int | None:
        """The share of ranked learners whose score is not above mine, in whole percent: 100 for the first."""
        return (self.total - self.me.rank + 1) * 100 // self.total if self.me else None


class Board(ABC):
    """Lists visible learners with a score above 0: highest score first, equal scores by learner id."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric

    @abstractmethod
    def read(self, learner_id: int | None, *, limit: int, around: int, at: datetime) -> Ranking:
        """The first `limit` standings, those of `learner_id` and of `around` neighbours on each side: one snapshot."""

    def top(self, limit: int, *, at: datetime) -> list[Standing]:
        return self.read(None, limit=limit, around=0, at=at).top

    def around(self, learner_id: int, neighbours: int, *, at: datetime) -> list[Standing]:
        return self.read(learner_id, limit=0, around=neighbours, at=at).around

    def rank_of(self, learner_id: int, *, at: datetime) -> Standing | None:
        return self.read(learner_id, limit=0, around=0, at=at).me


def standings(rows: Sequence[tuple[int, int]], *, position: int, rank: int) -> list[Standing]:
    """Ranks of adjacent `rows` (learner id, score); the first has this `position` in the list and this `rank`."""
    ranked, score_before = [], None
    for place, (learner_id, score) in enumerate(rows, start=position):
        if score_before not in (None, score):
            rank = place
        score_before = score
        ranked.append(Standing(rank, learner_id, score))
    return ranked
