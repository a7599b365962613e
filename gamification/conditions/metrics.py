"""The registry: every number about a learner that a condition may name."""

from dataclasses import dataclass

from django.conf import settings

from . import wording


@dataclass(frozen=True)
class Metric:
    """How staff read it: “{subject} reaches 7 {unit}s”."""

    subject: str
    unit: str = ""


# The names are part of stored conditions: never rename one.
METRICS = {
    "xp": Metric("total XP"),
    "level": Metric("player level"),
    "completions": Metric("number of completions"),
    "levels_completed": Metric("number of different levels passed"),
    "attempts_passed": Metric("number of challenge attempts passed"),
    "sessions_completed": Metric("number of sessions completed"),
    "study_seconds": Metric("time spent learning", "second"),
    "perfect_scores": Metric("number of perfect scores"),
    "active_days": Metric("number of active days"),
    "current_streak": Metric("current streak", "day"),
    "longest_streak": Metric("longest streak", "day"),
    "freezes_used": Metric("number of streak freezes used"),
    "achievements_unlocked": Metric("number of achievements unlocked"),
    "early_completions": Metric("number of completions before 8 in the morning"),
    "late_completions": Metric("number of completions from 10 at night on"),
    "languages": Metric("number of different languages practised"),
    "categories_completed": Metric("number of different categories with a passed level"),
}
ALIASES = {"scenarios_completed": "levels_completed"}


def counted_metadata() -> list[str]:
    """Whitelisted numeric keys of a completion's metadata; each adds to the metric of its name."""
    return [key for key, (kind, _) in settings.COMPLETION_METADATA.items() if kind == "whole_number"]


def known_names() -> list[str]:
    """Everything that a condition may call a metric, other names included."""
    return sorted({*METRICS, *ALIASES, *counted_metadata()})


def canonical(name: str) -> str | None:
    """The metric that `name` means, or None."""
    name = ALIASES.get(name, name)
    return name if name in METRICS or name in counted_metadata() else None


def describe(metric: str) -> str:
    return _metric(metric).subject


def describe_amount(metric: str, amount: int) -> str:
    """“7 days”, “1 h 30 min”, “1000”."""
    unit = _metric(metric).unit
    if unit == "second":
        return wording.duration(amount)
    return wording.amount(amount, unit) if unit else str(amount)


def _metric(name: str) -> Metric:
    return METRICS.get(name) or Metric(f"total of {name.replace('_', ' ')}")
