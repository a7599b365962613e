import pytest

from charts import Series, bar_chart, row_chart

from .drawn import pieces, texts


def test_bars_stand_on_the_axis_as_high_as_their_values():
    chart = bar_chart(["Mon", "Tue"], [Series("Learners", [10, 40])], title="Active")
    assert pieces(chart, "chart-bar") == [
        {"x": "21%", "y": "135", "width": "8%", "height": "45"},
        {"x": "71%", "y": "0", "width": "8%", "height": "180"},
    ]
    assert pieces(chart, "chart-axis")[0]["y1"] == "180"


def test_a_value_below_zero_hangs_under_the_axis():
    chart = bar_chart(["a", "b"], [Series("XP", [20, -20])], title="XP")
    assert texts(chart, "chart-scale") == ["-20", "-10", "0", "10", "20"]
    assert [(bar["y"], bar["height"]) for bar in pieces(chart, "chart-bar")] == [("0", "90"), ("90", "90")]


def test_series_stand_side_by_side():
    chart = bar_chart(["a"], [Series("one", [1]), Series("two", [2])], title="Two")
    assert [(bar["x"], bar["width"]) for bar in pieces(chart, "chart-bar")] == [("42%", "8%"), ("50%", "8%")]


def test_stacked_series_stand_on_each_other_on_both_sides_of_zero():
    series = [Series("one", [10]), Series("two", [-20]), Series("three", [10]), Series("four", [-20])]
    chart = bar_chart(["a"], series, title="Stack", stacked=True)
    assert texts(chart, "chart-scale") == ["-40", "-20", "0", "20"]
    spans = [(bar["y"], bar["height"]) for bar in pieces(chart, "chart-bar")]
    assert spans == [("30", "30"), ("60", "60"), ("0", "30"), ("120", "60")]


def test_nothing_is_drawn_for_zero_and_for_no_number():
    chart = bar_chart(["a", "b", "c"], [Series("XP", [0, None, 5])], title="XP")
    assert len(pieces(chart, "chart-bar")) == 1
    assert texts(chart, "chart-bar") == ["c, XP: 5"]


def test_zeros_alone_have_a_scale():
    chart = bar_chart(["a"], [Series("XP", [0])], title="XP")
    assert texts(chart, "chart-scale") == ["0", "1"]


def test_lying_bars_have_their_label_and_number():
    chart = row_chart(["First steps", "Second"], [Series("Started", [8, 4]), Series("Passed", [4, 0])], title="Funnel")
    assert [(bar["y"], bar["width"]) for bar in pieces(chart, "chart-bar")] == [
        ("18", "82%"),
        ("32", "41%"),
        ("76", "41%"),
    ]
    assert texts(chart, "chart-row") == ["First steps", "Second"]
    assert texts(chart, "chart-number") == ["8", "4", "4", "0"]


def test_a_long_label_is_shortened_in_the_drawing_alone():
    chart = row_chart(["x" * 45], [Series("Started", [1])], title="Funnel")
    assert texts(chart, "chart-row") == ["x" * 43 + "…"]
    assert chart.table.rows == [["x" * 45, 1]]


@pytest.mark.parametrize("draw", [bar_chart, row_chart])
def test_without_values_it_says_so(draw):
    for values in ([], [None]):
        chart = draw(["a"][: len(values)], [Series("XP", values)], title="XP")
        assert chart.is_empty
        assert texts(chart, "chart-nothing") == ["No data yet"]
        assert 'aria-label="XP. XP: no data."' in chart.svg
