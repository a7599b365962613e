"""Read-only pages of the admin link a related row only for those who may view it; others read its name.

Django links each row that has a page in the admin, and offers no place to decide otherwise.
"""

from typing import Any

from django.contrib.admin.helpers import AdminReadonlyField
from django.db.models import ForeignObjectRel, Model
from simple_history.models import HistoricalRecords

_url_of_django = AdminReadonlyField.get_admin_url


def link_only_what_may_be_viewed() -> None:
    AdminReadonlyField.get_admin_url = _link_or_name


def _link_or_name(field: Any, remote_field: ForeignObjectRel, row: Model) -> str:
    request, site = getattr(HistoricalRecords.context, "request", None), field.model_admin.admin_site
    related = site._registry.get(remote_field.model)
    if related is None or request is None or related.has_view_permission(request, row):
        return _url_of_django(field, remote_field, row)
    return str(row)
