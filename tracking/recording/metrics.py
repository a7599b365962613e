"""Keys of a completion's metadata that are no metadata, but may be the ids of metrics that staff made.

Which of them are is known once the learner's profile is locked; what is none is dropped, as every unknown key.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from gamification.awards import CustomMetrics
from gamification.models import MAX_METRIC_ID, MAX_VALUE, METRIC_ID
from tracking.models import Completion

CANDIDATES = ""  # where they are in the metadata of a claim; clients cannot keep anything under this key


def candidates(values: Mapping[str, Any]) -> dict[str, int]:
    """Of the values that a client sent: those that could be amounts of metrics."""
    return {key: min(value, MAX_VALUE) for key, value in values.items() if _may_be_metric(key, value)}


def as_entry(found: dict[str, int]) -> dict[str, Any]:
    """Of the metadata of a claim."""
    return {CANDIDATES: found} if found else {}


def split(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, int]]:
    """The metadata itself, and the candidates."""
    return {key: value for key, value in metadata.items() if key != CANDIDATES}, metadata.get(CANDIDATES, {})


def accepted(completion: Completion, metrics: CustomMetrics) -> dict[str, int] | None:
    """What the completion may report. One that staff released, or imported, was asked before."""
    by_key = bool(completion.server_key)
    was_asked = completion.decided_at is not None or completion.source == Completion.Source.IMPORT
    reported = completion.metrics or {}
    taken = {name for name in reported if name in metrics and (was_asked or metrics[name].takes_from(by_key=by_key))}
    return {name: reported[name] for name in taken} or None


def is_same_report(stored: Mapping[str, int] | None, claimed: Mapping[str, int]) -> bool:
    """What was no metric when it was reported first may be one now, and the other way round."""
    return all(claimed.get(name) == value for name, value in (stored or {}).items())


def _may_be_metric(key: str, value: Any) -> bool:
    if key in settings.COMPLETION_METADATA or type(value) is not int or value < 1:
        return False
    return len(key) <= MAX_METRIC_ID and METRIC_ID.match(key) is not None
