"""Searching for people, for the search box and for lists."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalogues.searching import BoundedPaginator
from gamification.models import LearnerProfile
from skillquest.accounts.models import User

LISTED = 1_000  # people whom the search of a list finds at most by each way


def find_learners(text: str, limit: int) -> QuerySet[LearnerProfile]:
    """Learners of whom the username, display name, e-mail address or external id begins with `text`, or whose number
    it is.

    Case, accents and spaces make no difference, except in external ids. By each of these at most `limit` are found;
    the caller orders and cuts. One statement, which reads indexes only, at any number of learners.
    """
    return LearnerProfile.objects.filter(user__in=User.objects.keys_like(text, limit))


class PeopleSearchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list of people, or of rows that have the key of a person: nothing reads all of them."""

    paginator = BoundedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count all rows
    ordering = ("-pk",)  # the newest first
    sortable_by = ()
    search_fields = ("pk",)  # so that there is a search
    search_help_text = "The beginning of a name, an e-mail address or an external id, or the number of a person"

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 (as in ModelAdmin)
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        # Their keys are read first: else an index of all people might be read in the order of the list.
        found = set(User.objects.keys_like(search_term, LISTED).values_list("pk", flat=True))
        return queryset.filter(pk__in=found), False
