"""Which learners staff should look at: the most unverified XP, the most held results, the youngest accounts on boards.

The statements are bounded, however many learners there are: XP is summed only for candidates, who are the first of the
weekly board, the newest accounts with XP, and those with the most held results.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.db.models.functions import TruncHour

from gamification.models import LearnerKind, LearnerProfile, LedgerEntry, Trust, WindowScore
from tracking.models import Completion

SHOWN = 10  # learners in each list
CANDIDATES = 100  # from each source
NEWEST = 500  # accounts that are looked at
SPAN = timedelta(days=7)
WEEKLY = "xp_weekly"


@dataclass(frozen=True)
class Suspect:
    """A learner, and the number for which they are listed, with the hour or date (UTC) that it belongs to."""

    profile: LearnerProfile
    number: int
    when: datetime | None = None


@dataclass(frozen=True)
class UnusualActivity:
    by_hour: list[Suspect]
    by_day: list[Suspect]
    most_held: list[Suspect]
    youngest: list[Suspect]


def find_unusual_activity(at: datetime) -> UnusualActivity:
    """Five statements."""
    young = _newest_with_xp()
    held = dict(_most_held())
    hours = _unverified_xp_by_hour({*_first_of_the_week(), *list(young)[:CANDIDATES], *held}, since=at - SPAN)
    by_hour, by_day = _highest(hours), _highest(_by_day(hours))
    shown = {*by_hour, *by_day, *list(held)[:SHOWN], *list(young)[:SHOWN]}
    profiles = LearnerProfile.objects.select_related("user").in_bulk(shown)

    def listed(numbers: dict[int, tuple[int, datetime | None]]) -> list[Suspect]:
        return [Suspect(profiles[learner], *number) for learner, number in numbers.items()]

    return UnusualActivity(
        by_hour=listed(by_hour),
        by_day=listed(by_day),
        most_held=listed({learner: (count, None) for learner, count in list(held.items())[:SHOWN]}),
        youngest=listed({learner: (xp, None) for learner, xp in list(young.items())[:SHOWN]}),
    )


def _newest_with_xp() -> dict[int, int]:
    """Of the newest accounts those on boards, the youngest first -> their XP."""
    newest = LearnerProfile.objects.order_by("-pk").values_list("pk", "total_xp", "listed")[:NEWEST]
    return {learner: total_xp for learner, total_xp, listed in newest if listed and total_xp}


def _first_of_the_week() -> list[int]:
    first = WindowScore.objects.filter(metric=WEEKLY).order_by("-score", "learner")[:CANDIDATES]
    return list(first.values_list("learner_id", flat=True))


def _most_held() -> list[tuple[int, int]]:
    """(learner, number of results that wait); test learners are on no board, so only here they have to be left out."""
    waiting = Completion.objects.waiting().exclude(learner__profile__kind=LearnerKind.TEST)
    groups = waiting.order_by().values_list("learner").annotate(number=Count("pk"))
    return list(groups.order_by("-number", "learner")[:CANDIDATES])


def _unverified_xp_by_hour(learners: set[int], *, since: datetime) -> dict[tuple[int, datetime], int]:
    """(learner, UTC hour) -> XP, net of reversals."""
    entries = LedgerEntry.objects.filter(learner__in=learners, effective_at__gte=since).exclude(trust=Trust.VERIFIED)
    sums = entries.order_by().values_list("learner", TruncHour("effective_at")).annotate(Sum("delta"))
    return {(learner, hour): xp for learner, hour, xp in sums}


def _by_day(hours: dict[tuple[int, datetime], int]) -> dict[tuple[int, datetime], int]:
    days: Counter[tuple[int, datetime]] = Counter()
    for (learner, hour), xp in hours.items():
        days[learner, hour.replace(hour=0)] += xp
    return days


def _highest(sums: dict[tuple[int, datetime], int]) -> dict[int, tuple[int, datetime | None]]:
    """The SHOWN learners with the highest sum in one hour or day -> that sum, and when it was."""
    best: dict[int, tuple[int, datetime | None]] = {}
    for (learner, when), xp in sums.items():
        if xp > best.get(learner, (0, None))[0]:
            best[learner] = xp, when
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))
    return dict(ranked[:SHOWN])
