"""When learners reached thresholds: what the modules that know it (settings.METRIC_HISTORIES) have in common."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from gamification.conditions.schema import Leaf
from gamification.models import LearnerProfile
from gamification.pricing.rules import Rules

# (learner id, threshold) -> the moment, as far as rows still say.
Reached = dict[tuple[int, Leaf], datetime]
# Of one metric: (learners, threshold, rules) -> the moment by learner id.
Source = Callable[[list[LearnerProfile], int, Rules], dict[int, datetime]]
T = TypeVar("T")


def reached_by_sources(
    sources: Mapping[str, Source], profiles: list[LearnerProfile], thresholds: Iterable[Leaf], rules: Rules
) -> Reached:
    """Of those `thresholds` whose metric has a source."""
    reached: Reached = {}
    for leaf in thresholds:
        if leaf.metric in sources:
            moments = sources[leaf.metric](profiles, leaf.threshold, rules)
            reached |= {(learner_id, leaf): moment for learner_id, moment in moments.items()}
    return reached


def nth_of_each(rows: Iterable[tuple[int, T]], count: int) -> dict[int, T]:
    """`rows` are (learner id, value), sorted by learner; the `count`-th value of each learner who has as many."""
    found = {}
    for learner_id, group in groupby(rows, key=lambda row: row[0]):
        values = [value for _, value in group]
        if len(values) >= count:
            found[learner_id] = values[count - 1]
    return found


def ids_of(profiles: Iterable[LearnerProfile]) -> list[int]:
    return [profile.pk for profile in profiles]
