"""Steps for limits: staff publish others while learners play."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import LimitSet
from gamification.pricing.limits import DEFAULT_LIMITS

from .oracle_limits import LimitFacts
from .streak_steps import StreakSteps

SHIPPED = LimitFacts(percent=5, seconds=4_500, results=120, xp=5_000, repeats=10, study=57_600)
LIMITS = [
    SHIPPED,
    replace(SHIPPED, percent=50, seconds=700),
    replace(SHIPPED, results=3, xp=60),
    replace(SHIPPED, repeats=2, study=400, percent=None),
    LimitFacts(),
]


class LimitSteps(StreakSteps):
    @rule(limits=st.sampled_from(LIMITS))
    def publish_limits(self, limits):
        self.oracle.publish_limits(limits)
        version = 1 + LimitSet.objects.count()
        draft = LimitSet.objects.create(version=version, limits=limits_as_json(limits))
        publish_limit_set(draft, at=self.oracle.now)


def limits_as_json(limits: LimitFacts) -> dict:
    """The oracle's limits in the format of the product."""
    return {
        "min_time_percent": limits.percent,
        "seconds_per_hour": limits.seconds,
        "completions_per_hour": limits.results,
        "xp_per_day": limits.xp,
        "full_repeats_per_day": limits.repeats,
        "metric_per_day": DEFAULT_LIMITS["metric_per_day"] | {"study_seconds": limits.study},
    }
