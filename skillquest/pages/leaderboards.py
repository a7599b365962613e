"""Leaderboard pages: the best, and the learner with their neighbours."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gamification.awards import Rules, profile_of
from gamification.leaderboards import METRICS, Entry, Leaderboard, Metric, find_metric, show_leaderboard
from gamification.models import BoardStanding, LearnerProfile, StandingChange

from . import labels
from .access import for_learners

TOP, NEIGHBOURS = 10, 2


@dataclass(frozen=True)
class BoardPage:
    """`top` and `around` are the entries to show: the best, then me and my neighbours without those that `top` has.

    `board` has one entry more than `top`, so that a gap between the two can be seen.
    """

    board: Leaderboard
    metric: Metric
    top: list[Entry]
    around: list[Entry]
    is_hidden: bool
    reason: str

    @property
    def title(self) -> str:
        return labels.BOARDS[self.metric.name][0]

    @property
    def text(self) -> str:
        return labels.BOARDS[self.metric.name][2]

    @property
    def unranked(self) -> str:
        return labels.UNRANKED[self.metric.name]

    @property
    def has_gap(self) -> bool:
        """Whether learners who are not shown stand between the top and those around me."""
        listed = {entry.user_id for entry in self.board.entries}
        return bool(self.around) and self.around[0].user_id not in listed

    @property
    def ahead(self) -> Entry | None:
        """The nearest learner above me."""
        above = [entry for entry in self.board.around if self.board.me and entry.rank < self.board.me.rank]
        return above[-1] if above else None

    @property
    def is_shared(self) -> bool:
        """Whether others have the same score. They stand beside me, so that `around` has one of them."""
        me = self.board.me
        return any(entry.rank == me.rank and not entry.is_me for entry in self.board.around)

    @property
    def behind_by(self) -> int:
        return self.ahead.score - self.board.me.score


def board_page(
    metric: Metric, profile: LearnerProfile, *, top: int, neighbours: int, at: datetime, rules: Rules | None = None
) -> BoardPage:
    """Five statements on the database backend, whatever the number of learners; six for a windowed board. One less
    with the published `rules`."""
    board = show_leaderboard(metric, profile.pk, limit=top + 1, around=neighbours, at=at, rules=rules)
    best = board.entries[:top]
    shown = {entry.user_id for entry in best}
    around = [entry for entry in board.around if entry.user_id not in shown]
    reason = _reason_for(profile) if board.standing != BoardStanding.RANKED else ""
    return BoardPage(board, metric, best, around, is_hidden=profile.leaderboard_opt_out, reason=reason)


def _reason_for(profile: LearnerProfile) -> str:
    """What staff wrote for a learner whom they took off the boards."""
    newest = StandingChange.objects.filter(learner=profile.pk).values_list("reason", flat=True).first()
    return newest or ""


@require_safe
@for_learners
def leaderboards(request, metric="xp_all_time") -> HttpResponse:
    wanted = find_metric(metric)
    if wanted is None:
        raise Http404
    profile = profile_of(request.user)
    page = board_page(wanted, profile, top=TOP, neighbours=NEIGHBOURS, at=timezone.now())
    tabs = [(name, *labels.BOARDS[name][:2]) for name in METRICS]
    return render(request, "pages/leaderboards.html", {"profile": profile, "page": page, "tabs": tabs})
