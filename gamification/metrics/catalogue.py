"""Metrics in catalogue files."""

from collections.abc import Iterator
from typing import Any

from catalogues.files import Shape
from gamification.models import Metric

COLLECTION = "metrics"
METRIC = Shape(
    Metric,
    "metric_id",
    required=frozenset({"metric_id", "name"}),
    optional=frozenset(
        {"unit", "per_event_max", "per_day_max", "xp_per_unit", "counts_as_activity", "reported_by", "published"}
    ),
)


def ids_in(document: Any) -> Iterator[str]:
    """The ids that a file gives to metrics, as far as it is well-formed: its own conditions may name them."""
    rows = document.get(COLLECTION) if isinstance(document, dict) else None
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("metric_id"), str):
            yield row["metric_id"]
