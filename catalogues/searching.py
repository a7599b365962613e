"""Lists of the admin that may have millions of rows: searching and counting them."""

from typing import Any
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.contrib.auth import get_user_model
from django.core.paginator import Page, Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

MAX_DIGITS = 18  # of a number that every database can store
MOST_ROWS = 10_000  # that a list pages through
RECENT_ROWS = 100_000  # that a filter without an index looks through
MOST_PEOPLE = 50  # whose rows a search finds


def number_in(text: str) -> int | None:
    """The id that `text` is, if it is one that a database may hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Neither counts nor skips more than MOST_ROWS rows; whoever looks for older ones filters or searches."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows[:MOST_ROWS].count())

    def page(self, number: Any) -> Any:
        """Keys are skipped without their rows, and without what is shown beside them."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        return Page(rows.filter(pk__in=keys), number, self)

    @property
    def most(self) -> int | None:
        """How many rows are listed, if there may be more."""
        return MOST_ROWS if self.count == MOST_ROWS else None


class LongChangeList(ChangeList):
    """The list of a table with millions of rows. A filter without an index looks through the newest rows alone."""

    looked_through: int | None = None

    def get_results(self, request: HttpRequest) -> None:
        """What is exported, and what actions are for, is all of `queryset` still."""
        everything = self.queryset
        if self._scans():
            newest = self.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
            self.queryset = everything.filter(pk__gt=newest - RECENT_ROWS)
            self.looked_through = RECENT_ROWS
        super().get_results(request)
        self.queryset = everything

    def _scans(self) -> bool:
        """Rows of few learners, and those that an index finds, are few to look through."""
        indexed: tuple[str, ...] = self.model_admin.indexed_filters  # type: ignore[attr-defined]
        names = {name.partition("__")[0] for name in self.get_filters_params()}
        return bool(names) and not self.query and names.isdisjoint(indexed)


class RowsOfLearnersMixin:
    """For the ModelAdmin of rows that have a `learner`: a search finds the learners first, by indexes."""

    paginator = BoundedPaginator
    indexed_filters: tuple[str, ...] = ("learner",)
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count all rows
    sortable_by = ("id",)
    ordering = ("-id",)
    search_fields = ("id",)  # so that there is a search
    search_help_text = "The beginning of a learner's name or e-mail address, or the number of a row"

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 (as in ModelAdmin)
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        people: Any = get_user_model().objects
        found = list(people.like(text, MOST_PEOPLE).values_list("pk", flat=True)[:MOST_PEOPLE])
        return queryset.filter(Q(learner__in=found) | self.named(text)), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return LongChangeList

    def get_ordering(self, request: HttpRequest) -> Any:
        """Of few learners: not an order that an index of all rows has, which would be read until theirs are found."""
        of_few = SEARCH_VAR in request.GET or any(name.startswith("learner") for name in request.GET)
        return [(F("pk") + 0).desc()] if of_few else self.ordering

    def named(self, text: str) -> Q:
        """Rows that `text` names themselves; by indexed columns alone."""
        return Q(pk=number_in(text))
