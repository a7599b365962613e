"""The links above a list of the admin by which it is exported, and rows of it are imported."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from exchange.writing import NAMES

register = template.Library()


@register.inclusion_tag("admin/exchange/_tools.html", takes_context=True)
def exchange_tools(context: dict[str, Any]) -> dict[str, Any]:
    changelist, request = context["cl"], context["request"]
    model_admin, opts = changelist.model_admin, changelist.opts
    parameters = request.GET.urlencode()
    resource = getattr(model_admin, "resource_class", None)
    return {
        "exports": [(name, _address(opts, "list", key, parameters)) for key, name in NAMES.items()],
        "files": [(name, _address(opts, "fields", key, parameters)) for key, name in NAMES.items()] if resource else [],
        "import_url": _import_address(model_admin, opts, request),
        "own_export": _named(f"admin:{opts.app_label}_{opts.model_name}_export"),
    }


def _address(opts: Any, columns: str, file_format: str, parameters: str) -> str:
    url = reverse("export-list", args=[opts.app_label, opts.model_name, columns, file_format])
    return f"{url}?{parameters}" if parameters else url


def _import_address(model_admin: Any, opts: Any, request: Any) -> str:
    may_import = getattr(model_admin, "has_import_permission", None)
    return _named(f"admin:{opts.app_label}_{opts.model_name}_import") if may_import and may_import(request) else ""


def _named(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
