"""Actions on selected rows of a list that show what they change before they do it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst

from .bulk import BulkPlan, ChangedMeanwhileError

SHOWN = 20  # rows on the page that asks for confirmation


class BulkForm(forms.Form):
    """`chosen` are the fields to set. A form with a field `to` asks for their values first."""

    values: dict[str, Any] = {}

    def chosen(self) -> dict[str, Any]:
        return self.values


def setting(**values: Any) -> type[BulkForm]:
    """A form that asks for nothing."""
    return type("SettingForm", (BulkForm,), {"values": values})


def bulk_action(name: str, description: str, form: type[BulkForm]) -> Callable[..., HttpResponse | None]:
    @admin.action(description=description, permissions=["change"])
    def action(model_admin: "BulkAdmin", request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return model_admin.bulk_view(request, queryset, name=name, title=description.rstrip("…"), form_class=form)

    action.__name__ = name
    return action


class BulkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    def plan_of(self, request: HttpRequest, keys: Sequence[int], fields: dict[str, Any]) -> BulkPlan:
        raise NotImplementedError

    def apply(self, request: HttpRequest, keys: Sequence[int], fields: dict[str, Any], *, shown: str) -> BulkPlan:
        """Raise ChangedMeanwhileError."""
        raise NotImplementedError

    def bulk_view(
        self, request: HttpRequest, queryset: Any, *, name: str, title: str, form_class: type[BulkForm]
    ) -> HttpResponse | None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        asks = "to" in form_class.base_fields
        form = form_class(None if asks and "to" not in request.POST else request.POST)
        plan = None
        if form.is_valid():
            fields, shown = form.chosen(), request.POST.get("_apply")
            if shown and self._done(request, keys, fields, shown):
                return None
            plan = self.plan_of(request, keys, fields)
        return self._confirmation(request, keys, name=name, title=title, form=form, plan=plan)

    def _done(self, request: HttpRequest, keys: Sequence[int], fields: dict[str, Any], shown: str) -> bool:
        try:
            plan = self.apply(request, keys, fields, shown=shown)
        except ChangedMeanwhileError:
            messages.warning(request, "Something changed meanwhile, so nothing is saved. This is what it does now.")
            return False
        words = "; ".join(f"{_label(self.model, name)}: {_words(self.model, name, to)}" for name, to in fields.items())
        LogEntry.objects.log_actions(int(request.user.pk or 0), plan.changed, CHANGE, f"With others: {words}.")
        messages.success(request, f"{len(plan.changed)} changed.")
        return True

    def _confirmation(self, request: HttpRequest, keys: Sequence[int], **context: Any) -> HttpResponse:
        plan = context["plan"]
        rows = [(row, _lines(row, plan.fields)) for row in plan.changed[:SHOWN]] if plan else []
        across = request.POST.get("select_across", "0")
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "rows": rows,
            "more": len(plan.changed) - len(rows) if plan else 0,
            "refused": plan.refused[:SHOWN] if plan else [],
            "more_refused": max(0, len(plan.refused) - SHOWN) if plan else 0,
            "checkbox": ACTION_CHECKBOX_NAME,
            "across": across,
            "keys": keys[:1] if across == "1" else keys,
        }
        return render(request, "admin/catalogues/bulk.html", context)


def _lines(row: Any, fields: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(field, before, after) of what changes."""
    return [
        (_label(row, name), _words(row, name, getattr(row, name)), _words(row, name, value))
        for name, value in fields.items()
        if getattr(row, name) != value
    ]


def _label(model: Any, name: str) -> str:
    return capfirst(str(getattr(model._meta.get_field(name), "verbose_name", name)))


def _words(model: Any, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    choices = dict(getattr(model._meta.get_field(name), "flatchoices", []))
    return str(choices.get(value, value)) or "-"
