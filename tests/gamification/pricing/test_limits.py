"""Limits as data, and the arithmetic of clock hours."""

import copy
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from gamification.limit_sets.descriptions import NUMBERS
from gamification.pricing.limits import (
    DEFAULT_LIMITS,
    Limits,
    Timing,
    hour_of,
    hours_covered,
    read_limits,
    validate_limits,
)

TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
HOUR = hour_of(TEN)


def test_the_shipped_limits():
    assert read_limits(1, DEFAULT_LIMITS) == Limits(
        version=1,
        min_time_percent=5,
        seconds_per_hour=4500,
        completions_per_hour=120,
        xp_per_day=5000,
        full_repeats_per_day=10,
        metric_per_day={"words_learned": 2000, "conversations": 200, "study_seconds": 57_600},
    )


def test_each_limit_may_be_empty_and_is_explained():
    empty = copy.deepcopy(DEFAULT_LIMITS)
    for number in NUMBERS:
        number.write(empty, None)
    assert read_limits(2, empty) == Limits(version=2)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "5", True, 1_000_001])
def test_a_limit_is_a_positive_whole_number(wrong):
    with pytest.raises(ValidationError, match="The limit set cannot be read"):
        validate_limits({**DEFAULT_LIMITS, "xp_per_day": wrong})


def test_all_limits_have_to_be_there():
    with pytest.raises(ValidationError, match="The limit set lacks 'xp_per_day'"):
        validate_limits({name: value for name, value in DEFAULT_LIMITS.items() if name != "xp_per_day"})
    with pytest.raises(ValidationError, match="cannot be read"):
        validate_limits({**DEFAULT_LIMITS, "min_time_percent": 101})


@pytest.mark.parametrize(
    ("minute", "seconds", "covered"),
    [
        (30, 0, {}),
        (30, 1800, {0: 1800}),
        (30, 1801, {0: 1800, -1: 1}),
        (0, 60, {-1: 60}),
        (10, 7200, {0: 600, -1: 3600, -2: 3000}),
    ],
)
def test_time_is_laid_backwards_over_clock_hours(minute, seconds, covered):
    hours = hours_covered(TEN.replace(minute=minute), seconds)
    assert hours == {HOUR + hour: part for hour, part in covered.items()}


@pytest.mark.parametrize(
    ("timing", "reason"),
    [
        ({"seconds": 4, "expected": 100}, "too_fast"),
        ({"seconds": 5, "expected": 100}, ""),
        ({"seconds": 0, "expected": 19}, ""),  # less than a second
        ({"seconds": 9, "expected": 1000, "least": 9}, ""),
        ({"seconds": 8, "least": 9}, "too_fast"),
        ({"seconds": None, "expected": 100}, ""),
        ({"seconds": None, "least": 9}, "time_unknown"),
    ],
)
def test_what_is_too_fast(timing, reason):
    assert Timing(ended_at=TEN, **timing).why_implausible(read_limits(1, DEFAULT_LIMITS)) == reason
