"""The tabs of the page: which there are, who sees them, and what they consist of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse

from approvals.models import ApprovalRequest
from gamification.models import ActivityDay, BadgeAward, DayRepair, FreezeEvent, LedgerEntry, StandingChange, Unlock
from tracking.models import Completion, LearningSession

from . import account, days, deeds, person, progress, results, xp
from .blocks import Block
from .visits import Visit

Content = dict[str, Any]
Maker = tuple[type[Model], Callable[[Visit], Block]]


@dataclass(frozen=True)
class Tab:
    """`name` is the end of the name of its URL."""

    name: str
    title: str
    content: Callable[[Visit], Content]
    is_shown: Callable[[Visit], bool]

    def address(self, learner_id: int) -> str:
        return reverse(f"admin:gamification_learnerprofile_{self.name}", args=[learner_id])


def overview(visit: Visit) -> Content:
    content: Content = {"facts": person.overview_facts(visit), "blocks": []}
    if visit.may_view(LedgerEntry):
        asked = visit.request.GET.get("days", "")
        period = next((each for each in xp.PERIODS if str(each) == asked), xp.PERIODS[0])
        content |= {"chart": xp.chart_of(visit, period), "period": period, "periods": xp.PERIODS}
        content |= {"newest_entries": xp.MOST_ENTRIES if xp.is_cut(visit.profile) else None}
    if visit.may_view(ActivityDay):
        shown = days.days_of(visit)
        content["facts"].append(days.streak_facts(visit))
        content["calendar"] = days.streak_calendar(shown)
        content["blocks"].append(days.other_days(visit, shown))
    return content | {"blocks": [*content["blocks"], *_seen(visit, [(FreezeEvent, days.freezes)])]}


LEDGER: list[Maker] = [(LedgerEntry, xp.ledger)]
RESULTS: list[Maker] = [
    (Completion, results.results),
    (Completion, results.held),
    (LearningSession, results.sessions),
]
PROGRESS: list[Maker] = [
    (Completion, progress.sections),
    (Completion, progress.skills),
    (Unlock, progress.achievements),
    (BadgeAward, progress.badges),
]
DEEDS: list[Maker] = [
    (LedgerEntry, deeds.by_hand),
    (ApprovalRequest, deeds.approvals),
    (StandingChange, deeds.standings),
    (DayRepair, deeds.repairs),
    (BadgeAward, deeds.badges),
]


def _seen(visit: Visit, makers: list[Maker]) -> list[Block]:
    return [make(visit) for model, make in makers if visit.may_view(model)]


def progress_content(visit: Visit) -> Content:
    blocks = _seen(visit, PROGRESS)
    if visit.may_act(progress.AWARD_BADGE):
        blocks.append(progress.badges_to_award(visit))
    return {"blocks": blocks}


def account_content(visit: Visit) -> Content:
    blocks = [account.devices(visit), account.browsers(visit), account.guests(visit)]
    return {"facts": account.account_facts(visit), "blocks": blocks, "acts": account.acts(visit)}


def of_blocks(name: str, title: str, makers: list[Maker]) -> Tab:
    def content(visit: Visit) -> Content:
        return {"blocks": _seen(visit, makers)}

    return Tab(name, title, content, lambda visit: any(visit.may_view(model) for model, _ in makers))


def _shows_progress(visit: Visit) -> bool:
    return any(visit.may_view(model) for model, _ in PROGRESS)


OVERVIEW = Tab("change", "Overview", overview, lambda _visit: True)
HISTORY = Tab("history", "History", lambda visit: {"blocks": [deeds.log(visit), *_seen(visit, DEEDS)]}, lambda _: True)
OTHERS = [
    of_blocks("xp", "XP", LEDGER),
    of_blocks("results", "Results", RESULTS),
    Tab("progress", "Progress", progress_content, _shows_progress),
    Tab("account", "Account", account_content, account.may_see),
]
TABS = [OVERVIEW, *OTHERS, HISTORY]
