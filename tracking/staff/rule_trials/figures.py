"""What a trial has found, in sum and in detail."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from levels.models import Level
from tracking.models import RuleTrial, TriedLearner

MOST = 50  # learners who gain and who lose, on the page
PERCENTILES = [1, 5, 25, 50, 75, 95, 99]


def figures_of(trial: RuleTrial) -> dict[str, Any]:
    """For the trial's row, so that its page adds up nothing."""
    learners = TriedLearner.objects.filter(trial=trial).order_by()
    gains, loses = Q(difference__gt=0), Q(difference__lt=0)
    figures = learners.aggregate(
        learners=Count("pk"),
        results=Sum("results", default=0),
        moved=Count("pk", filter=Q(changed__gt=0)),
        now_xp=Sum("now_xp", default=0),
        tried_xp=Sum("tried_xp", default=0),
        gain=Count("pk", filter=gains),
        lose=Count("pk", filter=loses),
        gained_xp=Sum("difference", filter=gains, default=0),
        lost_xp=Sum("difference", filter=loses, default=0),
        up=Count("pk", filter=Q(level_tried__gt=F("level_now"))),
        down=Count("pk", filter=Q(level_tried__lt=F("level_now"))),
        changed=Sum("changed", default=0),
    )
    figures = {name: int(number) for name, number in figures.items()}
    return figures | {"percentiles": _percentiles(learners, figures["learners"])}


def _percentiles(learners: QuerySet[TriedLearner], number: int) -> list[list[int]]:
    """[percent, difference]: so many percent of the learners gain at most that much."""
    differences = learners.order_by("difference", "learner").values_list("difference", flat=True)
    places = {percent: (number - 1) * percent // 100 for percent in PERCENTILES} if number else {}
    return [[percent, differences[place]] for percent, place in places.items()]


def inflation(now_xp: int, tried_xp: int) -> float | None:
    """By how many percent the tried rules pay more; None where there is nothing to compare with."""
    return round((tried_xp - now_xp) * 100 / now_xp, 2) if now_xp else None


def most_changed(trial: RuleTrial) -> tuple[list[TriedLearner], list[TriedLearner]]:
    """Who gains most, and who loses most."""
    learners = TriedLearner.objects.filter(trial=trial).select_related("learner")
    gain = learners.filter(difference__gt=0).order_by("-difference", "-learner")[:MOST]
    lose = learners.filter(difference__lt=0).order_by("difference", "learner")[:MOST]
    return list(gain), list(lose)


def by_source(trial: RuleTrial) -> list[dict[str, Any]]:
    return _sums(trial.parts.all(), "source")


def by_level(trial: RuleTrial, most: int | None = None) -> list[dict[str, Any]]:
    """Of levels, those that change most first."""
    sums = _sums(trial.parts.filter(level__isnull=False), "level")
    sums = sorted(sums, key=lambda each: (-abs(each["difference"]), each["level"]))[:most]
    levels = Level.objects.in_bulk([each["level"] for each in sums])
    return [{**each, "level": levels[each["level"]]} for each in sums]


def _sums(parts: QuerySet[Any], group: str) -> list[dict[str, Any]]:
    sums = (
        parts.order_by(group)
        .values(group)
        .annotate(results=Sum("results"), now_xp=Sum("now_xp"), tried_xp=Sum("tried_xp"))
    )
    rows = []
    for each in sums:
        numbers = {name: int(each[name]) for name in ("results", "now_xp", "tried_xp")}
        difference = numbers["tried_xp"] - numbers["now_xp"]
        percent = inflation(numbers["now_xp"], numbers["tried_xp"])
        rows.append({group: each[group], **numbers, "difference": difference, "percent": percent})
    return rows
