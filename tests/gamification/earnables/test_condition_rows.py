"""Conditions as the lines of a form, and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamification.conditions.rows import (
    Row,
    Rows,
    UnclearRowsError,
    known_options,
    option_groups,
    to_condition,
    to_rows,
)
from gamification.conditions.schema import validate_condition
from gamification.earnables.catalogue import shipped_files
from tests.factories import MetricFactory

from .factories import XP_1000, conditions, metric

DAYS_7 = {"type": "consecutive_days", "days": 7}
ATTEMPTS = {"type": "attempt_count", "count": 10, "status": "passed"}

SAME = [
    (XP_1000, Rows("one", [Row("xp", 1000)])),
    ({"all": [XP_1000]}, Rows("all", [Row("xp", 1000)])),
    ({"any": [DAYS_7, ATTEMPTS]}, Rows("any", [Row("consecutive_days", 7), Row("attempt_count", 10)])),
    (
        {"all": [XP_1000, {"any": [DAYS_7, metric("xp", 5)]}, {"any": [ATTEMPTS]}, XP_1000]},
        Rows(
            "all",
            [
                Row("xp", 1000),
                Row("consecutive_days", 7, "any"),
                Row("metric:xp", 5, "inside"),
                Row("attempt_count", 10, "any"),
                Row("xp", 1000),
            ],
        ),
    ),
]


@pytest.mark.parametrize(("condition", "rows"), SAME)
def test_a_condition_and_its_lines_say_the_same(condition, rows):
    assert (to_rows(condition), to_condition(rows)) == (rows, condition)


@given(conditions())
def test_every_condition_of_one_nesting_comes_back_equal(condition):
    assert to_condition(to_rows(condition)) == condition


deep = {"all": [{"any": [{"all": [XP_1000]}, DAYS_7]}]}
NOT_SHOWN = [
    *(deep, None, [], "xp", {}, {"type": "luck"}, {"type": ["xp"]}, {"all": []}, {"all": [{"any": []}]}),
    *({"all": [XP_1000], "any": [XP_1000]}, {**XP_1000, "colour": 1}, {"type": "xp"}, metric(None, 1), {"all": "xp"}),
    *({"type": "xp", "threshold": True}, {"type": "xp", "threshold": 10.0}, {**ATTEMPTS, "status": "failed"}),
]


@pytest.mark.parametrize("condition", NOT_SHOWN, ids=json.dumps)
def test_what_lines_cannot_show_whole_is_not_shown_in_part(condition):
    assert to_rows(condition) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.sampled_from(["all", "any", "type", "threshold"]), part),
    )
)
def test_any_json_is_shown_whole_or_not_at_all(junk):
    rows = to_rows(junk)
    assert rows is None or json.dumps(to_condition(rows), sort_keys=True) == json.dumps(junk, sort_keys=True)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (Rows("all", []), "Give at least one line."),
        (Rows("one", [Row("xp", 1), Row("level", 2)]), "There are several lines: choose whether"),
        (Rows("all", [Row("xp", 1), Row("level", 2, "inside")]), "A line belongs to the group above it, but"),
        (Rows("any", [Row("xp", 1, "inside")]), "A line belongs to the group above it, but"),
    ],
)
def test_lines_that_are_no_condition_are_refused_with_the_reason(rows, reason):
    with pytest.raises(UnclearRowsError, match=reason):
        to_condition(rows)


@pytest.mark.django_db
def test_every_shipped_condition_can_be_shown_in_lines():
    rows = [
        row
        for path in shipped_files()
        for rows in json.loads(path.read_text()).values()
        if isinstance(rows, list)
        for row in rows
    ]
    shipped = [row["condition"] for row in rows if row.get("condition")]
    assert len(shipped) > 30
    known = known_options()
    for condition in shipped:
        shown = to_rows(condition)
        assert to_condition(shown) == condition
        assert {row.what for row in shown.rows} <= known


@pytest.mark.django_db
def test_metrics_of_staff_can_be_chosen_by_their_name_and_unit():
    MetricFactory(metric_id="pages_read", name="Pages read", unit="pages")
    groups = dict(option_groups())
    assert groups["Metrics of your own"] == [("metric:pages_read", "Pages read (pages)")]
    assert ("consecutive_days", "longest streak (days)") in groups["What SkillQuest counts"]
    assert ("metric:study_seconds", "time spent learning (seconds)") in groups["What SkillQuest counts"]
    assert ("metric:scenarios_completed", "number of different levels passed: scenarios_completed") in groups[
        "Other names of these"
    ]


@pytest.mark.django_db
def test_everything_that_can_be_chosen_is_a_valid_condition():
    MetricFactory()
    for what in known_options():
        validate_condition(to_condition(Rows("one", [Row(what, 2)])))
