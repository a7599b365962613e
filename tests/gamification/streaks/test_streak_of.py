"""The pure function: a table of cases, and a comparison with a simple reference implementation."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.streaks.runs import Calendar, Streak, alive_until, run_ending_on, streak_of

from .day_patterns import calendar_from, day, days_from, pattern_from

STRIPS = st.text(alphabet="AAAFP.s", max_size=25)
NUMBERS = st.integers(min_value=1, max_value=25)
FREEZES = st.integers(min_value=0, max_value=3)


@pytest.mark.parametrize(
    ("pattern", "freezes", "streak"),
    [
        ("", 3, Streak()),
        ("A", 3, Streak(1, 1, day(1), False, day(1), 1, day(5))),
        ("A", 0, Streak(1, 1, day(1), False, day(1), 1, day(2))),
        ("AAA", 0, Streak(3, 3, day(3), False, day(3), 3, day(4))),
        ("AAFFA", 1, Streak(3, 3, day(5), False, day(5), 3, day(7))),  # frozen days join and add nothing
        ("AAPPA", 1, Streak(3, 3, day(5), False, day(5), 3, day(7))),  # so do pardoned ones
        ("AAF", 1, Streak(2, 2, day(3), False, day(2), 2, day(5))),
        ("AAA.A", 3, Streak(1, 3, day(5), False, day(5), 4, day(9))),  # a gap breaks, whatever the freezes in hand
        ("A.AAA", 3, Streak(3, 3, day(5), False, day(5), 4, day(9))),
        ("AA.P", 1, Streak(2, 2, day(2), True, day(2), 2, day(5))),  # pardoned days alone are no run
        ("AA.F", 0, Streak(2, 2, day(2), True, day(2), 2, day(3))),  # nor are frozen ones
        ("P", 3, Streak(0, 0, None, True, None, 0, None)),
        ("PA", 3, Streak(1, 1, day(2), False, day(2), 1, day(6))),
        ("AA.PP.P", 2, Streak(2, 2, day(2), True, day(2), 2, day(8))),
        ("AAsA", 0, Streak(3, 3, day(4), False, day(4), 3, day(5))),  # a skipped date joins like a frozen day
        ("AAsFsA", 0, Streak(3, 3, day(6), False, day(6), 3, day(7))),
        ("AAs", 0, Streak(2, 2, day(2), False, day(2), 2, day(4))),  # it has no row, so no run ends on it
        ("AA.s", 1, Streak(2, 2, day(2), False, day(2), 2, day(5))),
        ("AA.sA", 3, Streak(1, 2, day(5), False, day(5), 3, day(9))),  # the day before it was missed
        ("AAs.PA", 0, Streak(1, 2, day(6), False, day(6), 3, day(7))),
    ],
)
def test_days_determine_a_streak(pattern, freezes, streak):
    assert streak_of(calendar_from(pattern), freezes) == streak


def reference_streak(pattern):
    """The rules applied to the text: a run lies between gaps and contains an active day."""
    runs = [run.count("A") for run in pattern.split(".") if "A" in run]
    return (runs or [0])[-1], max(runs, default=0), pattern.count("A")


@given(STRIPS, FREEZES)
def test_a_reference_implementation_agrees(pattern, freezes):
    streak = streak_of(calendar_from(pattern), freezes)
    assert (streak.run, streak.longest, streak.active_days) == reference_streak(pattern)
    if streak.last_day:
        assert streak.run == run_ending_on(calendar_from(pattern), streak.last_day)
        assert streak.run == run_ending_on(calendar_from(pattern), streak.last_active_day)


@given(STRIPS, FREEZES, st.integers(min_value=1, max_value=10))
def test_a_streak_is_alive_while_missed_days_are_no_more_than_freezes(pattern, freezes, ahead):
    calendar = calendar_from(pattern)
    streak = streak_of(calendar, freezes)
    if streak.last_day is None:
        assert streak.alive_until is None
        return
    today = streak.last_day + timedelta(days=ahead)
    assert streak.alive_until == alive_until(calendar, streak.last_day, freezes)
    is_alive = today <= streak.alive_until
    assert is_alive == (len(calendar.missed_between(streak.last_day, today)) <= freezes)


@given(STRIPS, FREEZES, NUMBERS, st.sampled_from(["active", "pardoned"]))
def test_a_late_day_never_shortens_a_streak(pattern, freezes, number, kind):
    days, skipped = days_from(pattern), calendar_from(pattern).skipped
    before = streak_of(Calendar(days, skipped), freezes)
    if days.get(day(number)) == "active" or before.last_day is None or day(number) > before.last_day:
        return
    after = streak_of(Calendar(days | {day(number): kind}, skipped), freezes)
    assert after.run >= before.run
    assert after.longest >= before.longest
    assert after.alive_until >= before.alive_until
    assert after.active_days - before.active_days == (kind == "active")


@given(STRIPS, FREEZES, st.lists(NUMBERS))
def test_pardoned_days_anywhere_never_shorten_a_streak(pattern, freezes, numbers):
    days, skipped = days_from(pattern), calendar_from(pattern).skipped
    before = streak_of(Calendar(days, skipped), freezes)
    after = streak_of(Calendar({day(number): "pardoned" for number in numbers} | days, skipped), freezes)
    assert after.run >= before.run
    assert after.longest >= before.longest
    assert after.active_days == before.active_days
    assert before.alive_until is None or after.alive_until >= before.alive_until


@given(STRIPS, FREEZES, st.sets(NUMBERS))
def test_skipped_dates_anywhere_never_shorten_a_streak(pattern, freezes, numbers):
    before = streak_of(calendar_from(pattern), freezes)
    skipped = calendar_from(pattern).skipped | {day(number) for number in numbers}
    after = streak_of(Calendar(days_from(pattern), skipped), freezes)
    assert after.run >= before.run
    assert after.longest >= before.longest
    assert after.active_days == before.active_days
    assert before.alive_until is None or after.alive_until >= before.alive_until


@pytest.mark.parametrize(
    ("filled", "run"),
    [("AAA.", 1), ("AAA..A", 1), ("AAAA.A", 1), ("AAA.AA", 2), ("AAAAAA", 6), ("AAAPPA", 4), ("AAAAPA", 5)],
)
def test_a_gap_is_closed_only_when_all_its_days_are_filled(filled, run):
    days = days_from("AAA..A") | days_from(filled)
    assert streak_of(Calendar(days, skipped=()), 0).run == run


@given(STRIPS)
def test_reading_a_day_pattern_is_the_inverse_of_writing_it(pattern):
    assert pattern_from(days_from(pattern)) == pattern.replace("s", ".").rstrip(".")
