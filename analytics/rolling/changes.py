"""Finding the days of what was added since the last time, without help from those who add it.

Rows are found by their keys, which grow. A transaction that takes long may commit a row whose key is behind others; so
each time begins at keys that were the last ones a while ago, and looks at some rows twice.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Max, Min, Model, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from analytics.models import Analytics
from analytics.periods import DAY, around, days_from
from gamification.models import ActivityDay, FreezeEvent, LedgerEntry
from tracking.models import CheckIn, Completion, LearningSession, Review

from .stale import mark

SETTLING = timedelta(minutes=15)  # no transaction of the product takes as long
IN_FLIGHT = 1_000  # rows of each table that may be on their way while everything is rolled up
RECENT = 3  # days that are rolled up each time
PORTION = 50_000  # rows

Keys = dict[str, int]

# Rows that are only added, with their date, or their moment. A day that becomes an active one, or a streak day that is
# taken back, comes with one of them.
DEEDS: dict[str, tuple[type[Model], Any]] = {
    "ledger": (LedgerEntry, TruncDate("effective_at", tzinfo=UTC)),
    "completions": (Completion, TruncDate(Coalesce("counts_at", "occurred_at"), tzinfo=UTC)),
    "check_ins": (CheckIn, TruncDate("occurred_at", tzinfo=UTC)),
    "reviews": (Review, TruncDate("reviewed_at", tzinfo=UTC)),
    "days": (ActivityDay, None),
    "freezes": (FreezeEvent, None),
}


def last_keys() -> Keys:
    return {name: model._default_manager.aggregate(last=Max("pk"))["last"] or 0 for name, (model, _) in DEEDS.items()}


def note_keys(analytics: Analytics, keys: Keys, at: datetime) -> None:
    """Keep those of the last 15 minutes, and the newest of the ones before, where the next time begins."""
    settled = [entry for entry in analytics.seen if at - datetime.fromisoformat(entry[0]) >= SETTLING]
    analytics.seen = [*settled[-1:], *analytics.seen[len(settled) :], [at.isoformat(), keys]]


def before_flight(keys: Keys) -> Keys:
    return {name: max(0, key - IN_FLIGHT) for name, key in keys.items()}


def mark_recent(today: date) -> None:
    """Of learners in the east it is tomorrow."""
    mark(days_from(today - (RECENT - 1) * DAY, today + DAY))


def all_days(today: date) -> list[date]:
    return days_from(min(_first_days(), default=today), today + DAY)


def mark_added(position: Keys, upto: Keys) -> bool:
    """Mark the days of the next rows between these keys, and move `position`; True when there are no more."""
    for name, (model, day) in DEEDS.items():
        if (start := position[name]) < upto[name]:
            position[name] = min(start + PORTION, upto[name])
            rows = model._default_manager.filter(pk__gt=start, pk__lte=position[name]).order_by()
            mark(_days_of(rows, day))
            break
    return position == upto


def _days_of(rows: "QuerySet[Any]", day: Any) -> set[date]:
    days = rows.values_list("date" if day is None else day, flat=True).distinct()
    return set(days) if day is None else around(days)


def _first_days() -> list[date]:
    moments = [
        LedgerEntry.objects.order_by().aggregate(first=Min("effective_at")),
        LearningSession.objects.plays().ended().aggregate(first=Min("end_time")),
        Review.objects.aggregate(first=Min("reviewed_at")),
    ]
    days = [ActivityDay.objects.order_by(), FreezeEvent.objects.order_by()]
    return [
        *(found["first"].astimezone(UTC).date() for found in moments if found["first"]),
        *(found for rows in days if (found := rows.aggregate(first=Min("date"))["first"])),
    ]
