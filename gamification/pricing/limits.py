"""The limits of plausibility: as JSON, which staff edit, and as values by which results are judged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from .numbers import validate_numbers, whole

# Why a result is held: codes, which are stored, with what staff read.
HELD_REASONS = [
    ("too_fast", "Faster than anybody can be"),
    ("time_unknown", "Without the time that it took"),
    ("overlapping_time", "More time than the hour has"),
    ("too_many", "Too many results within an hour"),
    ("too_much_xp", "Too much XP on one date"),
    ("prerequisite_held", "A prerequisite is held"),
]

SECONDS_AN_HOUR = 3600
LIMITED_METRICS = ["words_learned", "conversations", "study_seconds"]

DEFAULT_LIMITS = {
    "min_time_percent": 5,
    "seconds_per_hour": 4_500,
    "completions_per_hour": 120,
    "xp_per_day": 5_000,
    "full_repeats_per_day": 10,
    "metric_per_day": {"words_learned": 2_000, "conversations": 200, "study_seconds": 57_600},
}


@dataclass(frozen=True)
class Limits:
    """The limits of one version; None means no limit. `metric_per_day` has the metrics that have one."""

    version: int | None = None
    min_time_percent: int | None = None
    seconds_per_hour: int | None = None
    completions_per_hour: int | None = None
    xp_per_day: int | None = None
    full_repeats_per_day: int | None = None
    metric_per_day: Mapping[str, int] = field(default_factory=dict)


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Timing:
    """How long a result took until `ended_at`, in seconds; `seconds` is None where that is unknown.

    `studied` is how much of it counts as learning, `expected` what the level expects, `least` what it asks for.
    """

    ended_at: datetime
    seconds: int | None = None
    studied: int = 0
    least: int = 0
    expected: int = 0

    def why_implausible(self, limits: Limits) -> str:
        """`too_fast` or `time_unknown`; empty if it is plausible. What a level asks for itself is checked always."""
        if self.seconds is None:
            return "time_unknown" if self.least and limits != NO_LIMITS else ""
        return "too_fast" if self.seconds < (self.least or self.least_expected(limits)) else ""

    def least_expected(self, limits: Limits) -> int:
        """The least share of the expected time, in whole seconds, rounded down."""
        return self.expected * (limits.min_time_percent or 0) // 100


def read_limits(version: int, data: dict[str, Any]) -> Limits:
    """Raise KeyError, TypeError or ValueError where `data` is not of the shape of DEFAULT_LIMITS."""
    of_metrics = {name: _limit(data["metric_per_day"][name]) for name in LIMITED_METRICS}
    return Limits(
        version=version,
        min_time_percent=_limit(data["min_time_percent"], most=100),
        seconds_per_hour=_limit(data["seconds_per_hour"]),
        completions_per_hour=_limit(data["completions_per_hour"]),
        xp_per_day=_limit(data["xp_per_day"]),
        full_repeats_per_day=_limit(data["full_repeats_per_day"]),
        metric_per_day={name: limit for name, limit in of_metrics.items() if limit is not None},
    )


@lru_cache(8)
def read_limits_text(version: int, text: str) -> Limits:
    """`read_limits` of JSON text; cached, since every completion reads the same text."""
    return read_limits(version, json.loads(text))


def validate_limits(data: Any) -> None:
    """Raise ValidationError, naming the wrong number, for data that `read_limits` could not read."""
    validate_numbers("limit set", read_limits, data)


def _limit(value: Any, *, most: int = 1_000_000) -> int | None:
    return None if value is None else whole(value, least=1, most=most)


def hour_of(moment: datetime) -> int:
    """The clock hour (UTC) that contains the moment, counted from 1970."""
    return int(moment.timestamp()) // SECONDS_AN_HOUR


def hours_covered(ended_at: datetime, seconds: int) -> dict[int, int]:
    """Clock hour -> how many of the `seconds` before `ended_at` are in it."""
    covered, end = {}, int(ended_at.timestamp())
    while seconds > 0:
        hour = (end - 1) // SECONDS_AN_HOUR
        covered[hour] = min(seconds, end - hour * SECONDS_AN_HOUR)
        seconds -= covered[hour]
        end -= covered[hour]
    return covered
