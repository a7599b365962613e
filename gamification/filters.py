import django_filters

from .models import LedgerEntry

# Made by type(), since `from` cannot be written as a class attribute.
HistoryFilter = type(
    "HistoryFilter",
    (django_filters.FilterSet,),
    {
        "reason": django_filters.ChoiceFilter(choices=LedgerEntry.Reason.choices),
        "from": django_filters.IsoDateTimeFilter("created_at", "gte", label="Written at or after, RFC 3339."),
        "to": django_filters.IsoDateTimeFilter("created_at", "lte", label="Written at or before, RFC 3339."),
    },
)
