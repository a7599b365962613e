"""The search box of the admin: what it finds, by kind."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse

from catalogues.searching import number_in, uuid_in
from gamification.models import Achievement, Badge, LearnerProfile, LedgerEntry
from levels.models import Level, Question
from skillquest.accounts.email_addresses import fold
from tracking.models import Completion, LearningSession

from .search import find_learners

SHORTEST, LONGEST = 2, 200  # characters; a number may be shorter
SHOWN = 5  # of each kind


@dataclass(frozen=True)
class Hit:
    text: str
    detail: str
    url: str


@dataclass(frozen=True)
class Hits:
    """What was found of one kind; `all_url` is the list with everything, if there is more."""

    label: str
    hits: list[Hit]
    all_url: str


# What a search looks for: a request and a text -> rows, at most one more than are shown.
Find = Callable[[HttpRequest, str], Iterable[Any]]


@dataclass(frozen=True)
class Kind:
    model: type[Model]
    find: Find
    detail: Callable[[Any], str]

    def hits(self, request: HttpRequest, text: str) -> Hits | None:
        """None without the right to view them, and where there are none. One statement at most."""
        model_admin = admin.site.get_model_admin(self.model)
        rows = list(self.find(request, text)) if model_admin.has_view_permission(request) else []
        if not rows:
            return None
        page = f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}"
        return Hits(
            label=str(self.model._meta.verbose_name_plural).capitalize(),
            hits=[Hit(str(row), self.detail(row), reverse(f"{page}_change", args=[row.pk])) for row in rows[:SHOWN]],
            all_url=f"{reverse(f'{page}_changelist')}?{urlencode({'q': text})}" if len(rows) > SHOWN else "",
        )


def search(request: HttpRequest, text: str) -> list[Hits]:
    """What this person may view of what `text` names. One statement for each kind."""
    return [hits for kind in KINDS if (hits := kind.hits(request, text))]


def is_too_short(text: str) -> bool:
    return len(text) < SHORTEST and number_in(text) is None


def _learners(_request: HttpRequest, text: str) -> list[LearnerProfile]:
    """Whose username it is comes first."""
    found = find_learners(text, SHOWN + 1).select_related("user")
    return sorted(found, key=lambda profile: (fold(profile.user.username) != fold(text), profile.user.username))


def _by_search_of_its_list(model: type[Model]) -> Find:
    """For small tables: what the search of the model's list finds."""

    def find(request: HttpRequest, text: str) -> Iterable[Any]:
        model_admin = admin.site.get_model_admin(model)
        rows, has_duplicates = model_admin.get_search_results(request, model_admin.get_queryset(request), text)
        return (rows.distinct() if has_duplicates else rows)[: SHOWN + 1]

    return find


def _by_number(model: type[Model], *related: str) -> Find:
    def find(_request: HttpRequest, text: str) -> Iterable[Any]:
        number = number_in(text)
        return [] if number is None else model._default_manager.select_related(*related).filter(pk=number)

    return find


def _results(_request: HttpRequest, text: str) -> Iterable[Completion]:
    """By their number, or by the event id that clients gave them."""
    if (number := number_in(text)) is not None:
        condition = Q(pk=number)
    elif (event_id := uuid_in(text)) is not None:
        condition = Q(client_event_id=event_id)
    else:
        return []
    return Completion.objects.select_related("learner", "level").filter(condition)[: SHOWN + 1]


KINDS = [
    Kind(LearnerProfile, _learners, lambda profile: profile.user.display_name),
    Kind(Level, _by_search_of_its_list(Level), lambda level: level.level_id),
    Kind(Question, _by_search_of_its_list(Question), lambda question: question.prompt),
    Kind(Achievement, _by_search_of_its_list(Achievement), lambda achievement: achievement.achievement_id),
    Kind(Badge, _by_search_of_its_list(Badge), lambda badge: badge.description),
    Kind(LedgerEntry, _by_number(LedgerEntry, "learner"), lambda entry: f"{entry.pk}, {entry.learner}"),
    Kind(Completion, _results, lambda result: f"{result.pk}, {result.learner}"),
    Kind(LearningSession, _by_number(LearningSession, "learner", "level"), lambda row: f"{row.pk}, {row.learner}"),
]
