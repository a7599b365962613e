"""When a learner reached the thresholds of a condition, as far as stored rows show it.

settings.METRIC_HISTORIES names a function for each kind of metric; `of_unlocks` here dates the number of unlocked
achievements. A threshold that no row explains, for example of an imported counter, has no date.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from gamification.conditions.engine import holds
from gamification.conditions.schema import Leaf, leaf_of, leaves
from gamification.models import LearnerProfile, Unlock
from gamification.pricing.rules import Rules
from gamification.profiles.thresholds import Reached, Source, ids_of, nth_of_each, reached_by_sources

from .unlocking import Values


def when_reached(profiles: list[LearnerProfile], condition: dict, rules: Rules) -> Reached:
    """Date every threshold of the condition for all `profiles`, with the same few statements for any number of them."""
    thresholds = set(leaves(condition))
    reached: Reached = {}
    for path in settings.METRIC_HISTORIES:
        reached |= import_string(path)(profiles, thresholds, rules)
    return reached


def earned_at(condition: dict, learner_id: int, values: Values, reached: Reached) -> datetime | None:
    """The date from which a condition that holds now has held; None if it is not known."""
    if "all" in condition:
        dates = [earned_at(part, learner_id, values, reached) for part in condition["all"]]
        return None if None in dates else max(dates)
    if "any" in condition:
        held = [part for part in condition["any"] if holds(part, values)]
        dates = [earned_at(part, learner_id, values, reached) for part in held]
        return None if None in dates else min(dates)
    return reached.get((learner_id, leaf_of(condition)))


def of_unlocks(profiles: list[LearnerProfile], thresholds: Iterable[Leaf], rules: Rules) -> Reached:
    return reached_by_sources(SOURCES, profiles, thresholds, rules)


def _by_unlocks(profiles: list[LearnerProfile], count: int, _rules: Rules) -> dict[int, datetime]:
    unlocks = Unlock.objects.held().filter(learner__in=ids_of(profiles)).order_by("learner", "earned_at")
    return nth_of_each(unlocks.values_list("learner_id", "earned_at"), count)


SOURCES: dict[str, Source] = {"achievements_unlocked": _by_unlocks}
