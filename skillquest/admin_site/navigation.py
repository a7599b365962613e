"""The navigation of the admin: the list of every model, and every other page, by the task that it belongs to.

A new page is one line in GROUPS: the label of a model, or a Page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HELD_RESULTS = "admin:tracking_completion_held"
UNUSUAL_ACTIVITY = "admin:gamification_learnerprofile_unusual"


@dataclass(frozen=True)
class Page:
    """A page other than the list of a model; `permission` is needed to open it."""

    url_name: str
    label: str | Promise
    permission: str


GROUPS: list[tuple[Promise, list[str | Page]]] = [
    (
        _("People"),
        [
            "gamification.learnerprofile",
            "accounts.user",
            "tracking.completion",
            "tracking.learningsession",
            "gamification.activityday",
            "gamification.freezeevent",
            "gamification.timezonechange",
            "gamification.dayrepair",
        ],
    ),
    (_("Catalogue"), ["levels.level", "levels.question", "levels.section", "levels.unit"]),
    (
        _("XP and rules"),
        [
            "gamification.ledgerentry",
            "gamification.xpruleset",
            "tracking.ruletrial",
            "gamification.limitset",
            "gamification.metric",
            "gamification.boardpolicy",
        ],
    ),
    (
        _("Achievements"),
        ["gamification.achievement", "gamification.unlock", "gamification.badge", "gamification.badgeaward"],
    ),
    (
        _("Fairness"),
        [
            Page(HELD_RESULTS, _("Held results"), "tracking.view_completion"),
            Page(UNUSUAL_ACTIVITY, _("Unusual activity"), "gamification.view_learnerprofile"),
            "gamification.standingchange",
            "gamification.amnesty",
        ],
    ),
    (_("Staff and roles"), ["approvals.approvalrequest", "auth.group"]),
    (_("Figures"), ["analytics.analytics"]),
    (_("System"), ["jobs.job", "machines.serverkey"]),
]


@dataclass(frozen=True)
class Link:
    """`current` is what it says of the page that is shown: "page", "true" for the area of that page, or ""."""

    label: str
    url: str
    add_url: str | None = None
    current: str = ""


@dataclass(frozen=True)
class Group:
    label: str
    links: list[Link]


def navigation_of(request: HttpRequest, listed_apps: Iterable[dict[str, Any]]) -> list[Group]:
    """The groups with what this person may open; `listed_apps` is what `AdminSite.get_app_list` lists for them."""
    models = {model["model"]._meta.label_lower: model for app in listed_apps for model in app["models"]}
    groups = [Group(str(label), list(_links(request, entries, models))) for label, entries in GROUPS]
    urls = [link.url for group in groups for link in group.links]
    nearest = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    return [Group(group.label, _marked(group.links, request.path, nearest)) for group in groups if group.links]


def _links(request: HttpRequest, entries: Iterable[str | Page], models: dict[str, dict[str, Any]]) -> Iterator[Link]:
    for entry in entries:
        if isinstance(entry, Page):
            if request.user.has_perm(entry.permission):
                yield Link(str(entry.label), reverse(entry.url_name))
        elif (model := models.get(entry)) and model["admin_url"]:
            yield Link(str(model["name"]), model["admin_url"], model["add_url"])


def _marked(links: list[Link], path: str, nearest: str) -> list[Link]:
    """The link of the page itself, or of the area that it belongs to, is marked."""
    mark = "page" if path == nearest else "true"
    return [replace(link, current=mark) if link.url == nearest else link for link in links]
