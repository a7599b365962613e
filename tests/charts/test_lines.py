from charts import Series, line_chart

from .drawn import pieces, texts


def test_a_line_goes_from_point_to_point():
    chart = line_chart(["a", "b"], [Series("XP", [0, 10])], title="XP")
    assert pieces(chart, "chart-line") == [{"x1": "25%", "y1": "180", "x2": "75%", "y2": "0"}]
    assert [(point["cx"], point["cy"]) for point in pieces(chart, "chart-point")] == [("25%", "180"), ("75%", "0")]


def test_one_value_is_one_point():
    chart = line_chart(["a"], [Series("XP", [7])], title="XP")
    assert pieces(chart, "chart-line") == []
    assert pieces(chart, "chart-point") == [{"cx": "50%", "cy": "22.5", "r": "3"}]
    assert 'aria-label="XP. XP: 7."' in chart.svg


def test_where_there_is_no_number_the_line_is_interrupted():
    chart = line_chart(["a", "b", "c", "d"], [Series("XP", [1, None, 2, 4])], title="XP")
    assert [(line["x1"], line["x2"]) for line in pieces(chart, "chart-line")] == [("62.5%", "87.5%")]
    assert len(pieces(chart, "chart-point")) == 3


def test_values_below_zero_lie_below_the_axis():
    chart = line_chart(["a", "b"], [Series("XP", [-5, 5])], title="XP")
    axis = pieces(chart, "chart-axis")[0]["y1"]
    assert [float(point["cy"]) > float(axis) for point in pieces(chart, "chart-point")] == [True, False]


def test_the_second_series_has_squares():
    chart = line_chart(["a"], [Series("one", [1]), Series("two", [1])], title="Two")
    shapes = [set(point) >= {"cx"} for point in pieces(chart, "chart-point")]
    assert shapes == [True, False]


def test_of_a_long_line_only_what_stands_alone_is_a_point():
    values = [1, None, *([1] * 60)]
    chart = line_chart([str(number) for number in range(62)], [Series("XP", values)], title="XP")
    assert texts(chart, "chart-point") == ["0, XP: 1"]
    assert len(pieces(chart, "chart-line")) == 59


def test_without_values_it_says_so():
    chart = line_chart([], [], title="XP")
    assert chart.is_empty
    assert texts(chart, "chart-nothing") == ["No data yet"]
