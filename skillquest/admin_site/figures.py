"""The figures of today and of the last days, for those who may read the analytics."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analytics.today import Today, today
from charts import Chart, Series, bar_chart
from gamification.models import LearnerKind, LearnerProfile
from tracking.models import Completion

from .counting import counted, in_words

VIEW = "analytics.view_analytics"
MOST = 10_000  # rows of a table that are looked at for today


@dataclass(frozen=True)
class Figures:
    """What today is like so far, in UTC: (name, number); and the last 14 days."""

    numbers: list[tuple[str, str]]
    charts: list[Chart]


def figures_for(person: Any, at: datetime) -> Figures | None:
    """Three statements, however much has happened; None without the right to them."""
    if not person.has_perm(VIEW):
        return None
    days, counts = today(at), counted(_rows_since(at.astimezone(UTC).replace(hour=0, minute=0, second=0)), most=MOST)
    return Figures(
        numbers=[
            (_("Active learners"), f"{days.active[-1]:,}"),
            (_("Results"), in_words(counts["results"], most=MOST)),
            (_("XP awarded"), f"{days.xp[-1]:,}"),
            (_("Held results"), in_words(counts["held"], most=MOST)),
            (_("New learners"), in_words(counts["learners"], most=MOST)),
        ],
        charts=_charts(days),
    )


def _rows_since(midnight: datetime) -> dict[str, QuerySet[Any]]:
    """Of the newest rows of each table those of today: their keys are read, not times without an index."""
    learners = _newest(LearnerProfile.objects.all()).exclude(kind=LearnerKind.TEST)
    return {
        "results": _newest(Completion.objects.all()).filter(created_at__gte=midnight),
        "held": _newest(Completion.objects.held()).filter(created_at__gte=midnight),
        "learners": learners.filter(user__date_joined__gte=midnight, user__is_staff=False),
    }


def _newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    table: QuerySet[Any] = rows.model._default_manager.all()
    return table.filter(pk__in=rows.order_by("-pk").values("pk")[:MOST])


def _charts(days: Today) -> list[Chart]:
    labels = [f"{day:%m-%d}" for day in days.days]
    return [
        bar_chart(labels, [Series(_("Active learners"), days.active)], title=_("Active learners")),
        bar_chart(labels, [Series(_("XP awarded"), days.xp)], title=_("XP awarded"), unit="XP"),
    ]
