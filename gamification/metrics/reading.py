"""Reading the table of metrics: with the lock of a learner's profile, for one call, or for the words of conditions."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from gamification.conditions.metrics import Metric as Words
from gamification.models import LearnerProfile, Metric
from gamification.pricing.metrics import fraction_of

WORDS_REMEMBERED = 10  # seconds
_words: tuple[float, Mapping[str, Words]] | None = None


@dataclass(frozen=True)
class CustomMetric:
    """One that staff made, by its numbers. `per_day_max` is None without a limit."""

    metric_id: str
    per_event_max: int
    per_day_max: int | None
    xp_per_unit: Fraction
    counts_as_activity: bool
    reported_by: str
    published: bool

    def takes_from(self, *, by_key: bool) -> bool:
        """Whether it can be reported, by a server key or else by the learner's own client."""
        return self.published and (by_key or self.reported_by == Metric.ReportedBy.LEARNER)


CustomMetrics = Mapping[str, CustomMetric]


def metrics_of(profile: LearnerProfile) -> CustomMetrics:
    """By id, as they were when `profile` was locked."""
    return read_metrics(profile.metric_text)


def metrics_now() -> CustomMetrics:
    """By id, in one statement."""
    texts = Metric.objects.custom().as_text().values_list("text", flat=True)
    return read_metrics(next(iter(texts), None))


@lru_cache(8)
def read_metrics(text: str | None) -> CustomMetrics:
    """Cached, since every award reads the same text."""
    rows = json.loads(text) if text else {}
    return MappingProxyType({metric_id: _read(metric_id, row) for metric_id, row in rows.items()})


def words_of_metrics(fresh: bool) -> Mapping[str, Words]:
    """For conditions and their words. What may be some seconds old is remembered, since a page asks for many."""
    global _words
    now = time.monotonic()
    if fresh or _words is None or now - _words[0] > WORDS_REMEMBERED:
        rows = Metric.objects.custom().values_list("metric_id", "name", "unit")
        words = {metric_id: Words(name, unit, is_custom=True) for metric_id, name, unit in rows}
        _words = now, words
    return _words[1]


def forget_words() -> None:
    """After a change of the table in this process; other processes forget by themselves."""
    global _words
    _words = None


def _read(metric_id: str, row: dict) -> CustomMetric:
    return CustomMetric(
        metric_id=metric_id,
        per_event_max=row["per_event_max"],
        per_day_max=row["per_day_max"],
        xp_per_unit=fraction_of(row["xp_per_unit"]),
        counts_as_activity=bool(row["counts_as_activity"]),
        reported_by=row["reported_by"],
        published=bool(row["published"]),
    )
