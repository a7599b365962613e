"""What all charts have in common: the scale, the labels, the sentence, the table, the page around them."""

import pytest
from django.template import Context, Template
from django.utils import translation

from charts import Series, Table, bar_chart, line_chart, row_chart
from charts.numbers import as_short_text, as_text, scale_for

from .drawn import parsed, pieces, texts

CHARTS = [bar_chart, line_chart, row_chart]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([], [0, 1]),
        ([1], [0, 1]),
        ([7], [0, 2, 4, 6, 8]),
        ([10], [0, 5, 10]),
        ([-3], [-3, -2, -1, 0]),
        ([-10, 100], [-50, 0, 50, 100]),
        ([0.3], [0, 0.1, 0.2, 0.3]),
        ([5_000_000], [0, 2_000_000, 4_000_000, 6_000_000]),
    ],
)
def test_a_scale_has_a_few_round_numbers_and_zero(values, ticks):
    assert scale_for(values).ticks == ticks


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "", "\u2013"), (1234, "XP", "1,234 XP"), (12.5, "%", "12.5%"), (3.0, "", "3"), (1 / 3, "", "0.33")],
)
def test_numbers_are_written_as_people_write_them(value, unit, text):
    assert as_text(value, unit) == text


def test_numbers_are_written_in_the_language_of_the_page():
    with translation.override("id"):
        assert as_text(1234.5) == "1.234,5"
        chart = bar_chart(["a"], [Series("XP", [2.5])], title="XP")
    assert pieces(chart, "chart-bar")[0]["height"] == "150"  # SVG knows only points


def test_long_numbers_are_short_on_the_scale():
    assert [as_short_text(value) for value in (9_999, 20_000, 2_500_000)] == ["9,999", "20k", "2.5M"]


def test_of_many_labels_those_are_shown_that_have_room_and_fewer_in_a_narrower_chart():
    labels = [f"{number:02} Nov" for number in range(1, 31)]
    chart = chart_of(labels)
    assert [text[:2] for text in texts(chart, "chart-label")] == [f"{number:02}" for number in range(1, 31, 3)]
    assert [text[:2] for text in texts(chart, "chart-label-wide")] == ["04", "10", "16", "22", "28"]
    assert [text[:2] for text in texts(chart, "chart-label-middle")] == ["07", "19"]


def test_short_labels_stand_closer_than_long_ones():
    assert len(texts(chart_of(["1"] * 30), "chart-label")) == 30
    assert len(texts(chart_of(["A long name 1234"] * 30), "chart-label")) == 5


def chart_of(labels):
    return bar_chart(labels, [Series("XP", [1] * len(labels))], title="XP")


@pytest.mark.parametrize("draw", CHARTS)
def test_a_chart_is_an_image_with_a_sentence_and_without_inline_style(draw):
    chart = draw(["Mon", "Tue", "Wed"], [Series("A & B", [3, None, 12])], title="Active <learners>", unit="XP")
    image = parsed(chart)
    assert image.get("role") == "img"
    assert image.get("aria-label") == "Active <learners>. A & B: between 3 XP and 12 XP, at last 12 XP."
    assert "style" not in chart.svg


@pytest.mark.parametrize("draw", CHARTS)
def test_the_table_has_every_number_as_it_is(draw):
    chart = draw(["Mon", "Tue"], [Series("A", [3, None]), Series("B", [1234, 0])], title="T", axis="Day")
    assert chart.table == Table(["Day", "A", "B"], [["Mon", 3, 1234], ["Tue", None, 0]])


@pytest.mark.parametrize("draw", CHARTS)
def test_each_label_needs_a_value(draw):
    with pytest.raises(ValueError, match="as many values"):
        draw(["Mon", "Tue"], [Series("A", [3])], title="T")


def page(chart):
    return Template("{% load charts %}{% chart shown %}").render(Context({"shown": chart}))


def test_the_tag_shows_title_legend_drawing_and_table():
    chart = bar_chart(["<Mon>"], [Series("A", [1234]), Series("B", [None])], title="Active", unit="XP", axis="Day")
    html = page(chart)
    assert chart.svg in html
    assert '<li class="chart-series-1">A</li><li class="chart-series-2">B</li>' in html
    assert '<th scope="col">Day</th>' in html
    assert '<th scope="row">&lt;Mon&gt;</th><td>1,234</td><td>\u2013</td>' in html


def test_one_series_needs_no_legend_and_an_empty_chart_no_table():
    html = page(bar_chart([], [Series("A", [])], title="Active"))
    assert "chart-legend" not in html
    assert "<table" not in html
