"""The history page of a row in the admin: its changes with before and after, above Django's log of actions."""

import json
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst

from .values import EMPTY, leaves

CHANGES_ON_A_PAGE = 25


class HistoryAdmin(admin.ModelAdmin):
    """For models with a ChangeHistory. Whoever may view a row may read its history; there is no button to go back,
    since going back would have to keep the rules that a change keeps."""

    object_history_template = "admin/change_history/object_history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        changes = self.model.history.filter(**{self.opts.pk.attname: row.pk if row else None})
        pages = Paginator(changes.select_related("history_user"), CHANGES_ON_A_PAGE)
        page = pages.get_page(request.GET.get("changes"))
        context = {"changes": page, "recorded": [(change, [*self._lines(change)]) for change in page]}
        return super().history_view(request, object_id, {**context, **(extra_context or {})})

    def _lines(self, change: Any) -> Iterator[tuple[str, str, str]]:
        """(what, before, after)"""
        for name, (before, after) in change.changes.items():
            for path, *values in leaves(self._label(name), before, after):
                old, new = (self._words(name, value) for value in values)
                yield path, old, new

    def _label(self, name: str) -> str:
        field = self._field(name)
        return capfirst(str(field.verbose_name) if field else name.replace("_", " "))

    def _words(self, name: str, value: Any) -> str:
        if value in EMPTY and value != 0:
            return "-"
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return ", ".join(value)
        if isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=False)
        return self._target(name, value) or str(value)

    def _target(self, name: str, key: Any) -> str:
        """The name of the row that a foreign key refers to, if there still is one."""
        field = self._field(name)
        if not isinstance(field, models.ForeignKey):
            return ""
        target = field.related_model._base_manager.filter(pk=key).first()
        return str(target) if target else ""

    def _field(self, name: str) -> Any:
        """None for a field of an earlier version of SkillQuest."""
        try:
            return self.opts.get_field(name)
        except FieldDoesNotExist:
            return None
