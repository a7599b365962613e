"""What is noted of exports and imports: they carry or change data of people."""

import logging
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

security = logging.getLogger("skillquest.security")


def note_export(request: Any, model_admin: Any, *, name: str, filters: list[str]) -> None:
    """In the admin's log and in that of security events; of the filters only the names, since people search names."""
    by = ", ".join(sorted(filters))
    security.info("list_exported user=%s list=%s format=%s", request.user.pk, model_admin.opts.label_lower, name)
    LogEntry.objects.create(
        user=request.user,
        content_type=ContentType.objects.get_for_model(model_admin.model, for_concrete_model=False),
        object_id=None,
        object_repr=f"List: {model_admin.opts.verbose_name_plural}"[:200],
        action_flag=CHANGE,
        change_message=f"Exported as {name.upper()}{f', filtered by {by}' if by else ''}.",
    )
