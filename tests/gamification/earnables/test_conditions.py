"""What a condition may say, what it means, what is wrong with it. Pure."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from gamification.conditions.engine import Progress, holds, progress
from gamification.conditions.metrics import built_in_names
from gamification.conditions.schema import Leaf, in_words, leaves, validate_condition

from .factories import XP_1000, conditions, metric

ATTEMPTS = {"type": "attempt_count", "count": 10, "status": "passed"}
LEVEL = {"type": "level", "level": 10}

GOOD = [
    (XP_1000, [Leaf("xp", 1000)], "total XP reaches 1000"),
    (LEVEL, [Leaf("level", 10)], "player level reaches 10"),
    (ATTEMPTS, [Leaf("attempts_passed", 10)], "number of challenge attempts passed reaches 10"),
    ({"type": "consecutive_days", "days": 7}, [Leaf("longest_streak", 7)], "longest streak reaches 7 days"),
    (metric("current_streak", 1), [Leaf("current_streak", 1)], "current streak reaches 1 day"),
    (metric("words_learned", 100), [Leaf("words_learned", 100)], "total of words learned reaches 100"),
    (metric("mistakes", 1), [Leaf("mistakes", 1)], "total of mistakes reaches 1"),
    (metric("scenarios_completed", 5), [Leaf("levels_completed", 5)], "number of different levels passed reaches 5"),
    (metric("study_seconds", 3600), [Leaf("study_seconds", 3600)], "time spent learning reaches 1 h"),
    (
        metric("study_seconds", 36_090),
        [Leaf("study_seconds", 36_090)],
        "time spent learning reaches 10 h 1 min 30 s",
    ),
    (
        {"all": [XP_1000, LEVEL]},
        [Leaf("xp", 1000), Leaf("level", 10)],
        "all of: total XP reaches 1000; player level reaches 10",
    ),
    (
        {"any": [{"all": [XP_1000, LEVEL]}, XP_1000]},
        [Leaf("xp", 1000), Leaf("level", 10), Leaf("xp", 1000)],
        "any of: (all of: total XP reaches 1000; player level reaches 10); total XP reaches 1000",
    ),
]


@pytest.mark.parametrize(("condition", "parts", "words"), GOOD, ids=[words for *_, words in GOOD])
def test_a_valid_condition_is_described_in_words(condition, parts, words):
    validate_condition(condition)
    assert (list(leaves(condition)), in_words(condition)) == (parts, words)


def test_no_condition_means_awarded_by_hand():
    assert in_words(None) == "awarded by hand"


KNOWN = ", ".join(built_in_names())
TYPES = '"type" must be one of metric, xp, level, consecutive_days, attempt_count; or use "all" or "any".'
OBJECT = 'give an object such as {"type": "xp", "threshold": 1000}.'
THRESHOLD = "must be a whole number from 1 to 9007199254740991."


def nested(depth):
    return XP_1000 if depth == 1 else {"all": [nested(depth - 1)]}


BAD = [
    (None, f"Condition: {OBJECT}"),
    ([], f"Condition: {OBJECT}"),
    ("xp", f"Condition: {OBJECT}"),
    (True, f"Condition: {OBJECT}"),
    ({}, f"Condition: {TYPES}"),
    ({"type": "luck"}, f"Condition: {TYPES}"),
    ({"type": None}, f"Condition: {TYPES}"),
    ({"type": ["xp"]}, f"Condition: {TYPES}"),
    ({"type": {"xp": 1}}, f"Condition: {TYPES}"),
    ({"type": "metric"}, 'Condition: "name" is missing.'),
    ({"type": "xp"}, 'Condition: "threshold" is missing.'),
    ({"type": "level", "threshold": 3}, 'Condition: "level" is missing.'),
    ({"type": "attempt_count", "count": 3}, 'Condition: "status" is missing.'),
    ({**ATTEMPTS, "status": "failed"}, 'Condition: "status" can only be "passed".'),
    ({**ATTEMPTS, "status": None}, 'Condition: "status" can only be "passed".'),
    ({**XP_1000, "colour": 1}, 'Condition: "colour" is not known here.'),
    ({**XP_1000, "x" * 99: 1}, f'Condition: "{"x" * 59}… is not known here.'),
    (metric("luck", 1), f'Condition: there is no metric "luck". There are {KNOWN}.'),
    (metric("language", 1), f'Condition: there is no metric "language". There are {KNOWN}.'),
    (metric(["xp"], 1), f'Condition: there is no metric ["xp"]. There are {KNOWN}.'),
    (metric(None, 1), f"Condition: there is no metric null. There are {KNOWN}."),
    ({**XP_1000, "threshold": 0}, f'Condition: "threshold" {THRESHOLD}'),
    ({**XP_1000, "threshold": -1}, f'Condition: "threshold" {THRESHOLD}'),
    ({**XP_1000, "threshold": True}, f'Condition: "threshold" {THRESHOLD}'),
    ({**XP_1000, "threshold": "10"}, f'Condition: "threshold" {THRESHOLD}'),
    ({**XP_1000, "threshold": 10.0}, f'Condition: "threshold" {THRESHOLD}'),
    ({**XP_1000, "threshold": None}, f'Condition: "threshold" {THRESHOLD}'),
    ({**XP_1000, "threshold": 2**53}, f'Condition: "threshold" {THRESHOLD}'),
    ({"type": "level", "level": 1}, "Condition: everybody begins at player level 1; ask for 2 or more."),
    (metric("level", 1), "Condition: everybody begins at player level 1; ask for 2 or more."),
    ({"type": "consecutive_days", "days": 1.5}, f'Condition: "days" {THRESHOLD}'),
    ({"all": []}, 'Condition: "all" takes a list of at least one condition.'),
    ({"any": {}}, 'Condition: "any" takes a list of at least one condition.'),
    ({"all": XP_1000}, 'Condition: "all" takes a list of at least one condition.'),
    ({"all": [XP_1000], "any": [XP_1000]}, 'Condition: "all" stands alone; put everything else into its list.'),
    ({"all": [XP_1000], **XP_1000}, 'Condition: "all" stands alone; put everything else into its list.'),
    ({"all": [XP_1000, 5]}, f'Condition, part 2 of "all": {OBJECT}'),
    ({"any": [LEVEL, {"all": [XP_1000, {}]}]}, f'Condition, part 2 of "any", part 2 of "all": {TYPES}'),
    (nested(6), "Condition" + ', part 1 of "all"' * 5 + ": nested deeper than 5 levels."),
    ({"all": [XP_1000] * 51}, "A condition may have at most 50 parts; this one has 51."),
    ({"all": [{"any": [XP_1000] * 17}] * 3}, "A condition may have at most 50 parts; this one has 51."),
]


@pytest.mark.parametrize(("condition", "reason"), BAD, ids=[str(n) for n in range(len(BAD))])
@pytest.mark.django_db
def test_a_bad_condition_is_refused_with_place_and_reason(condition, reason):
    with pytest.raises(ValidationError) as refused:
        validate_condition(condition)
    assert refused.value.messages == [reason]


def test_the_largest_condition_is_accepted():
    validate_condition({"all": [XP_1000] * 50})
    validate_condition(nested(5))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: (
        st.lists(part, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "all", "any", "threshold", "name", "level", "x"]), part)
    ),
)


def reason_against(condition):
    try:
        validate_condition(condition)
    except ValidationError as refused:
        return refused.messages[0]
    return None


@given(junk)
def test_any_json_is_accepted_or_refused_with_a_message(condition):
    reason = reason_against(condition)
    assert reason.endswith(".") if reason else in_words(condition)


VALUES = {"xp": 400, "level": 10, "words_learned": 250}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (XP_1000, Progress(400, 1000)),
        (LEVEL, Progress(10, 10)),
        (metric("words_learned", 100), Progress(100, 100)),
        (metric("perfect_scores", 5), Progress(0, 5)),
        ({"all": [XP_1000, LEVEL]}, Progress(1, 2)),
        ({"all": [LEVEL]}, Progress(1, 1)),
        ({"any": [XP_1000, metric("words_learned", 500)]}, Progress(250, 500)),
        ({"any": [XP_1000, LEVEL]}, Progress(10, 10)),
        ({"any": [{"all": [XP_1000, LEVEL, LEVEL]}, metric("words_learned", 500)]}, Progress(2, 3)),
    ],
)
def test_progress_has_a_current_value_and_a_target(condition, expected):
    assert progress(condition, VALUES) == expected


@pytest.mark.parametrize(
    ("current", "target", "percent"), [(0, 3, 0), (1, 3, 33), (2, 3, 66), (999, 1000, 99), (3, 3, 100)]
)
def test_percent_is_rounded_down(current, target, percent):
    assert Progress(current, target).percent == percent


names = ["xp", "level", "words_learned", "current_streak", "achievements_unlocked"]
values = st.dictionaries(st.sampled_from(names), st.integers(-5, 30))


@given(conditions(), values)
def test_a_condition_holds_exactly_when_its_progress_is_100_percent(condition, numbers):
    validate_condition(condition)
    done = progress(condition, numbers)
    assert 0 <= done.current <= done.target
    assert holds(condition, numbers) == (done.percent == 100)


@given(conditions(), values, st.sampled_from(names), st.integers(0, 20))
def test_a_higher_metric_never_makes_a_condition_false(condition, numbers, name, more):
    increased = {**numbers, name: numbers.get(name, 0) + more}
    assert holds(condition, increased) >= holds(condition, numbers)


@given(conditions(), values)
def test_a_condition_that_begins_to_hold_has_crossed_one_of_its_thresholds(condition, numbers):
    """What `unlocking` relies on: it looks only at conditions with a threshold between old and new values."""
    if holds(condition, numbers):
        assert any(numbers.get(leaf.metric, 0) >= leaf.threshold for leaf in leaves(condition))


@pytest.mark.django_db
def test_a_metric_removed_from_the_whitelist_is_described_and_never_reached(settings):
    removed = metric("conversations", 3)
    settings.COMPLETION_METADATA = {}
    with pytest.raises(ValidationError):
        validate_condition(removed)
    assert in_words(removed) == "total of conversations reaches 3"
    assert not holds(removed, {})
