"""What waits for the person who opens the admin: each a sentence with a number, and a link.

An app adds its own by one entry in WAITING.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import ngettext

from approvals.models import ApprovalRequest
from approvals.services import waiting_for
from gamification.models import LimitSet, XPRuleSet
from jobs.models import Job
from levels.models import Level
from tracking.staff.held_results import DECIDE_HELD, decidable

from .counting import counted, in_words

NEWEST_JOBS = 1_000  # among which those that failed are looked for


@dataclass(frozen=True)
class Waiting:
    """`rows` are what waits, None for people without the right to it; `sentence` is said about their number."""

    name: str
    rows: Callable[[HttpRequest], QuerySet[Any] | None]
    sentence: Callable[[int], str]
    address: Callable[[], str]
    is_urgent: bool = False


@dataclass(frozen=True)
class Item:
    text: str
    url: str
    is_urgent: bool


def _approvals(request: HttpRequest) -> QuerySet[Any]:
    return waiting_for(request.user)


def _held(request: HttpRequest) -> QuerySet[Any] | None:
    if not request.user.has_perm(DECIDE_HELD):
        return None
    return decidable(release=False, actor=request.user)


def _jobs(request: HttpRequest) -> QuerySet[Any] | None:
    job_admin = admin.site.get_model_admin(Job)
    return job_admin.get_queryset(request) if job_admin.has_view_permission(request) else None


def _unfinished_jobs(request: HttpRequest) -> QuerySet[Any] | None:
    jobs = _jobs(request)
    return None if jobs is None else jobs.filter(state__in=Job.UNFINISHED)


def _failed_jobs(request: HttpRequest) -> QuerySet[Any] | None:
    jobs = _jobs(request)
    newest = Job.objects.order_by("-pk").values("pk")[:NEWEST_JOBS]
    return None if jobs is None else jobs.filter(pk__in=newest, state=Job.State.FAILED)


def _to_change(model: type[Model], **conditions: Any) -> Callable[[HttpRequest], QuerySet[Any] | None]:
    """The rows of a small table that fit `conditions`, for those who may change them."""

    def rows(request: HttpRequest) -> QuerySet[Any] | None:
        may_change = admin.site.get_model_admin(model).has_change_permission(request)
        return model._default_manager.filter(**conditions) if may_change else None

    return rows


def _list_of(model: type[Model], query: str) -> Callable[[], str]:
    return lambda: f"{reverse(f'admin:{model._meta.app_label}_{model._meta.model_name}_changelist')}?{query}"


WAITING = [
    Waiting(
        "approvals",
        _approvals,
        lambda count: ngettext(
            "%(count)s request waits for your approval.", "%(count)s requests wait for your approval.", count
        ),
        _list_of(ApprovalRequest, "status__exact=waiting"),
        is_urgent=True,
    ),
    Waiting(
        "held",
        _held,
        lambda count: ngettext(
            "%(count)s held result waits for a decision.", "%(count)s held results wait for a decision.", count
        ),
        lambda: reverse("admin:tracking_completion_held"),
        is_urgent=True,
    ),
    Waiting(
        "failed jobs",
        _failed_jobs,
        lambda count: ngettext("%(count)s job has failed.", "%(count)s jobs have failed.", count),
        _list_of(Job, "state__exact=failed"),
        is_urgent=True,
    ),
    Waiting(
        "unfinished jobs",
        _unfinished_jobs,
        lambda count: ngettext("%(count)s job is under way.", "%(count)s jobs are under way.", count),
        _list_of(Job, "state__in=waiting,running"),
    ),
    Waiting(
        "rule sets",
        _to_change(XPRuleSet, status=XPRuleSet.Status.DRAFT),
        lambda count: ngettext(
            "%(count)s draft of the XP rules is not published.",
            "%(count)s drafts of the XP rules are not published.",
            count,
        ),
        _list_of(XPRuleSet, "status__exact=draft"),
    ),
    Waiting(
        "limit sets",
        _to_change(LimitSet, status=LimitSet.Status.DRAFT),
        lambda count: ngettext(
            "%(count)s draft of the limits is not published.",
            "%(count)s drafts of the limits are not published.",
            count,
        ),
        _list_of(LimitSet, "status__exact=draft"),
    ),
    Waiting(
        "levels",
        _to_change(Level, published=False),
        lambda count: ngettext("%(count)s level is not published.", "%(count)s levels are not published.", count),
        _list_of(Level, "published__exact=0"),
    ),
]


def what_waits(request: HttpRequest) -> list[Item]:
    """One statement for everything that this person has the right to."""
    numbers = counted({waiting.name: rows for waiting in WAITING if (rows := waiting.rows(request)) is not None})
    return [
        Item(waiting.sentence(number) % {"count": in_words(number)}, waiting.address(), waiting.is_urgent)
        for waiting in WAITING
        if (number := numbers.get(waiting.name))
    ]
