"""Each learner's totals of the metrics that staff made: in the profile, and as rows for boards."""

from collections.abc import Iterable, Mapping, Sequence

from gamification.models import LearnerProfile, MetricTotal, Trust
from hotsql.writes import insert_rows

from .reading import CustomMetrics


class ChangedTotals:
    """The totals that awards have changed, of one learner whose profile is locked."""

    def __init__(self, profile: LearnerProfile, metrics: CustomMetrics) -> None:
        self.profile, self.metrics = profile, metrics
        self.changed: set[str] = set()

    def note(self, counts: Mapping[str, int], trust: Trust) -> None:
        """`counts` are amounts by metric that were just added to the profile's counters."""
        custom = {name: amount for name, amount in counts.items() if amount and name in self.metrics}
        self.changed.update(custom)
        if custom and trust == Trust.VERIFIED:
            verified = self.profile.verified_counters
            self.profile.verified_counters = verified | {
                name: verified.get(name, 0) + amount for name, amount in custom.items()
            }


def write_totals(changed: Iterable[ChangedTotals]) -> None:
    set_totals({totals.profile: sorted(totals.changed) for totals in changed})


def set_totals(names: Mapping[LearnerProfile, Sequence[str]]) -> None:
    """Write the totals of these metrics, as the profiles say, in one statement.

    Absolute values, so writing them twice does no harm. Call it before `save_totals`, which notifies observers.
    """
    for profile, changed in names.items():
        profile.changed_metrics = {*profile.changed_metrics, *changed}
    rows = [_total_of(profile, name) for profile, changed in names.items() for name in changed]
    insert_rows(rows, conflict="(learner_id, metric_id)", changes=["total", "verified_total", "listed"])


def _total_of(profile: LearnerProfile, name: str) -> MetricTotal:
    return MetricTotal(
        learner_id=profile.pk,
        metric_id=name,
        total=profile.counters.get(name, 0),
        verified_total=profile.verified_counters.get(name, 0),
        listed=profile.listed,
    )
