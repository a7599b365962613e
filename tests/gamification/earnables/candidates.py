"""Who would earn an achievement or badge, at the moment at which the clock of these tests stands."""

from datetime import datetime, timedelta

from gamification.earnables.candidates import would_earn
from gamification.rule_sets.publishing import published_rules

NOW = datetime.fromisoformat("2026-11-20T12:00:00Z")


def days_ago(days, **more):
    return NOW - timedelta(days=days, **more)


def earners(owner):
    return list(would_earn(owner, published_rules(), at=NOW).order_by("pk").values_list("pk", flat=True))
