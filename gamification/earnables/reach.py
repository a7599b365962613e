"""How many learners meet a condition now, and how many are close to it, for whoever edits it.

Both are counted in two statements. Among many learners they are estimated from windows of primary keys that are spread
evenly, so that the number of rows that are read does not grow.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q

from gamification.models import LearnerProfile
from gamification.pricing.rules import Rules

from .candidates import query_of

CLOSE = 90  # percent of each threshold
WINDOWS, WIDTH = 40, 500
RULE_OF_THREE = 3  # none in a sample of n: with 95 percent certainty, fewer than 3 in n


@dataclass(frozen=True)
class Reach:
    """`at_most` is given where a sample found nobody. `is_estimate`: both numbers are rounded."""

    meet: int
    close: int
    is_estimate: bool = False
    at_most: int = 0


def reach_of(condition: dict, rules: Rules, *, at: datetime) -> Reach:
    """For a valid condition."""
    ends = LearnerProfile.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return Reach(0, 0)
    first, span = ends["first"], ends["last"] - ends["first"] + 1
    is_estimate = span > WINDOWS * WIDTH
    sample = _windows(first, span) if is_estimate else Q()
    learners = LearnerProfile.objects.filter(sample, user__is_active=True, erased_at=None)
    found = learners.aggregate(
        meet=Count("pk", filter=query_of(condition, rules, at)),
        near=Count("pk", filter=query_of(condition, rules, at, percent=CLOSE)),
    )
    meet, close = found["meet"], found["near"] - found["meet"]
    return _estimate(meet, close, span) if is_estimate else Reach(meet, close)


def _windows(first: int, span: int) -> Q:
    starts = [first + number * (span - WIDTH) // (WINDOWS - 1) for number in range(WINDOWS)]
    return Q(*(Q(pk__gte=start, pk__lt=start + WIDTH) for start in starts), _connector=Q.OR)


def _estimate(meet: int, close: int, span: int) -> Reach:
    seen = WINDOWS * WIDTH
    at_most = 0 if meet else _rounded(RULE_OF_THREE * span // seen)
    return Reach(_rounded(meet * span // seen), _rounded(close * span // seen), is_estimate=True, at_most=at_most)


def _rounded(number: int) -> int:
    """To two digits."""
    size = 10 ** max(0, len(str(number)) - 2)
    return round(number / size) * size
