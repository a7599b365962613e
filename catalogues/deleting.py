"""Rows of catalogues that learners have to do with are not deleted; the page says why, and what to do instead."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

MOST_COUNTED = 1_000
Deleted = tuple[list[Any], dict[str, int], set[str], list[Any]]


def count_up_to(rows: QuerySet[Any]) -> str:
    """“12”, or “more than 1000”: never reads more rows than that."""
    count = rows.order_by().values("pk")[: MOST_COUNTED + 1].count()
    return str(count) if count <= MOST_COUNTED else f"more than {MOST_COUNTED}"


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """For models whose rows other rows protect. Django would load all of these to list them."""

    delete_confirmation_template = "admin/catalogues/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/catalogues/delete_selected_confirmation.html"

    def reasons_to_keep(self, rows: Sequence[Any]) -> list[str]:
        """Sentences; none if all of the rows can be deleted."""
        raise NotImplementedError

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Deleted:
        if reasons := self.reasons_to_keep(list(objs)):
            return [], {}, set(), reasons
        return super().get_deleted_objects(objs, request)
