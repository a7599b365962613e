"""Lists of the admin that may have millions of rows: searching and counting them."""

from typing import Any
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

MAX_DIGITS = 18  # of a number that every database can store
MOST_ROWS = 10_000  # that a list pages through
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

    @property
    def most(self) -> int | None:
        """How many rows are listed, if there may be more."""
        return MOST_ROWS if self.count == MOST_ROWS else None


class RowsOfLearnersMixin:
    """For the ModelAdmin of rows that have a `learner`: a search finds the learners first, by indexes."""

    paginator = BoundedPaginator
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

    def named(self, text: str) -> Q:
        """Rows that `text` names themselves; by indexed columns alone."""
        return Q(pk=number_in(text))
