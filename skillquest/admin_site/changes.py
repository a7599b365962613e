"""The last changes in the admin, for those who may view what was changed."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.utils.translation import gettext as _

SHOWN = 8
NEWEST = 200  # entries that are looked at


@dataclass(frozen=True)
class Change:
    """Who did what to which row; `url` is empty where nothing is left to open."""

    who: str
    what: str
    kind: str
    row: str
    url: str
    at: datetime


def last_changes(person: Any) -> list[Change]:
    """One statement."""
    newest = LogEntry.objects.select_related("user", "content_type").order_by("-pk")[:NEWEST]
    return [_change(entry) for entry in islice((entry for entry in newest if may_see(person, entry)), SHOWN)]


def may_see(person: Any, entry: LogEntry) -> bool:
    """What they did themselves, and what was done to rows that they may view."""
    if entry.user_id == person.pk:
        return True
    kind = entry.content_type
    return kind is not None and any(
        person.has_perm(f"{kind.app_label}.{act}_{kind.model}") for act in ("view", "change")
    )


def _change(entry: LogEntry) -> Change:
    return Change(
        who=str(entry.user),
        what=_words(entry),
        kind=entry.content_type.name if entry.content_type else "",
        row=entry.object_repr,
        url="" if entry.action_flag == DELETION else entry.get_admin_url() or "",
        at=entry.action_time,
    )


def _words(entry: LogEntry) -> str:
    if entry.action_flag == ADDITION:
        return _("Added.")
    return _("Deleted.") if entry.action_flag == DELETION else entry.get_change_message()
