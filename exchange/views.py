"""The address from which each list of the admin is exported."""

from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from .lists import Table, filtered_rows, has_more_than, table_of_list
from .log import note_export
from .writing import CONTENT_TYPES, PORTIONS, STREAMED, UnwritableRowsError, xlsx_file


@require_GET
def export_list(request: HttpRequest, app: str, model: str, columns: str, ending: str) -> HttpResponseBase:
    """The rows that the list of the admin shows with the same parameters.

    `columns` are those of the `list`, or the `fields` that an import of the model reads.
    """
    model_admin = _admin_of(app, model)
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    try:
        rows = filtered_rows(model_admin, request)
        if ending not in STREAMED:
            _refuse_many(rows)
        answer = _answer(_table(model_admin, request, rows, columns), ending)
    except IncorrectLookupParameters:
        return _back(request, model_admin, "These filters do not fit the list.")
    except UnwritableRowsError as refusal:
        return _back(request, model_admin, str(refusal))
    note_export(request, model_admin, name=ending, filters=[*request.GET])
    name = f"{model_admin.opts.verbose_name_plural}-{timezone.now():%Y-%m-%d}.{ending}".replace(" ", "-")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _admin_of(app: str, model: str) -> Any:
    try:
        return admin.site.get_model_admin(apps.get_model(app, model))
    except (LookupError, NotRegistered) as error:
        raise Http404 from error


def _table(model_admin: Any, request: HttpRequest, rows: QuerySet[Any], columns: str) -> Table:
    if columns == "list":
        return table_of_list(model_admin, request, rows)
    resource = getattr(model_admin, "resource_class", None)
    if resource is None:
        raise Http404
    table: Table = resource().table(rows)
    return table


def _refuse_many(rows: QuerySet[Any]) -> None:
    limit = cast(int, settings.EXCHANGE_ROWS_AT_ONCE)
    if has_more_than(rows, limit):
        raise UnwritableRowsError(
            f"The list has more than {limit:,} rows. Export it as CSV or JSON, or filter it first."
        )


def _answer(table: Table, ending: str) -> HttpResponseBase:
    if ending in STREAMED:
        portions = PORTIONS[ending](table.header, table.rows)
        return StreamingHttpResponse(portions, content_type=CONTENT_TYPES[ending])
    return FileResponse(xlsx_file(table.header, table.rows), content_type=CONTENT_TYPES[ending])


def _back(request: HttpRequest, model_admin: Any, message: str) -> HttpResponse:
    messages.error(request, message)
    return redirect(reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist"))
