"""The metrics that staff made: what may be reported, what counts of it, and each learner's totals.

What conditions may name, these included, is in `gamification.conditions.metrics`.
"""

from .editing import delete_metric, deletion_refusal, note_saved, users_of
from .reading import CustomMetric, CustomMetrics, metrics_now, metrics_of
from .totals import ChangedTotals, set_totals, write_totals

__all__ = [
    "ChangedTotals",
    "CustomMetric",
    "CustomMetrics",
    "delete_metric",
    "deletion_refusal",
    "metrics_now",
    "metrics_of",
    "note_saved",
    "set_totals",
    "users_of",
    "write_totals",
]
