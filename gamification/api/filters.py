from datetime import UTC, datetime, time

import django_filters
from django_filters.fields import IsoDateTimeField

from gamification.models import LedgerEntry


class LastMomentField(IsoDateTimeField):
    """A bare date means all of it: `to=2026-11-20` includes what was written on that (UTC) day."""

    def to_python(self, value) -> datetime:
        moment = super().to_python(value)
        is_date = moment and len(value.strip()) == len("2026-11-20")
        return datetime.combine(moment.date(), time.max, UTC) if is_date else moment


class LastMomentFilter(django_filters.IsoDateTimeFilter):
    field_class = LastMomentField


# Made by type(), since `from` cannot be written as a class attribute.
HistoryFilter = type(
    "HistoryFilter",
    (django_filters.FilterSet,),
    {
        "reason": django_filters.ChoiceFilter(choices=LedgerEntry.Reason.choices),
        "from": django_filters.IsoDateTimeFilter("created_at", "gte", label="Written at or after; RFC 3339 or a date."),
        "to": LastMomentFilter("created_at", "lte", label="Written at or before; RFC 3339, or a date and all of it."),
    },
)
