"""Totals of the metrics that staff made, as rows for boards: derived from profiles, which are derived from results."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import QuerySet, Sum

from gamification.awards import metrics_now, set_totals
from gamification.models import LearnerProfile, MetricTotal
from tracking.models import MetricEvent

Values = dict[str, tuple[int, int, bool]]  # metric -> total, verified total, listed


def metric_events_of(learner_ids: Iterable[int]) -> QuerySet:
    """(learner id, metric, trust, what counts of all events together)"""
    events = MetricEvent.objects.filter(learner__in=list(learner_ids)).order_by()
    return events.values_list("learner_id", "metric_id", "trust").annotate(Sum("counted"))


class MetricTotals:
    """The rows of learners as they are `kept`, and as they are `derived` from the rebuilt `profiles`."""

    def __init__(self, profiles: list[LearnerProfile]) -> None:
        self.profiles = profiles
        self.kept: dict[int, Values] = defaultdict(dict)
        self.derived: dict[int, Values] = defaultdict(dict)
        metrics = metrics_now()
        for row in MetricTotal.objects.filter(learner__in=[profile.pk for profile in profiles]):
            self.kept[row.learner_id][row.metric_id] = row.total, row.verified_total, row.listed
        for profile in profiles:
            # A total that was taken away stays, with 0.
            names = metrics.keys() & {*profile.counters, *self.kept[profile.pk]}
            self.derived[profile.pk] = {name: _values(profile, name) for name in sorted(names)}

    def differ(self, learner_id: int) -> bool:
        return self.kept[learner_id] != self.derived[learner_id]

    def write(self, learner_ids: Collection[int]) -> None:
        changed = [profile for profile in self.profiles if profile.pk in learner_ids]
        set_totals({profile: list(self.derived[profile.pk]) for profile in changed})


def _values(profile: LearnerProfile, name: str) -> tuple[int, int, bool]:
    return profile.counters.get(name, 0), profile.verified_counters.get(name, 0), profile.listed
