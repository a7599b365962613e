"""Single values, as spreadsheets and databases write them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from skillquest.moving import values
from skillquest.moving.errors import BadValueError

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("given", "number"), [("12", 12), (" 12 ", 12), ("-3", -3), ("12.0", 12), ("12,00", 12), (12, 12), (12.0, 12)]
)
def test_whole_numbers(given, number):
    assert values.whole(given, -10, 100) == number


@pytest.mark.parametrize("given", ["12.5", "1.200", "1 200", "twelve", "101", True, 12.5, None, [], "9" * 400, "１２e"])
def test_what_is_no_whole_number_within_bounds(given):
    with pytest.raises(BadValueError, match="must be a whole number from 0 to 100"):
        values.whole(given, 0, 100)


@pytest.mark.parametrize(
    ("given", "form", "moment"),
    [
        ("2024-05-31T17:45:00Z", "", datetime(2024, 5, 31, 17, 45, tzinfo=UTC)),
        ("2024-05-31T17:45:00+07:00", "", datetime(2024, 5, 31, 10, 45, tzinfo=UTC)),
        ("2024-05-31 17:45:00.25", "", datetime(2024, 5, 31, 15, 45, 0, 250000, tzinfo=UTC)),
        ("2024-05-31", "", datetime(2024, 5, 31, 10, tzinfo=UTC)),
        ("1717177500", "epoch", datetime(2024, 5, 31, 17, 45, tzinfo=UTC)),
        (1717177500, "epoch", datetime(2024, 5, 31, 17, 45, tzinfo=UTC)),
        ("31.05.2024 17:45", "%d.%m.%Y %H:%M", datetime(2024, 5, 31, 15, 45, tzinfo=UTC)),
        ("31.05.2024", "%d.%m.%Y", datetime(2024, 5, 31, 10, tzinfo=UTC)),
    ],
)
def test_moments(given, form, moment):
    assert values.moment(given, BERLIN, form) == moment


@pytest.mark.parametrize(
    ("given", "form"),
    [
        ("yesterday", ""),
        ("2024-02-30", ""),
        ("1969-12-31", ""),
        ("0001-01-01", ""),
        ("9999-12-31T23:59:59-12:00", ""),
        (20240531, ""),
        ("31.05.24", "%d.%m.%Y"),
        ("99999999999999", "epoch"),
        ("-1", "epoch"),
        ("2024", "%Q"),
    ],
)
def test_what_is_no_moment(given, form):
    with pytest.raises(BadValueError, match="must be a"):
        values.moment(given, BERLIN, form)


@pytest.mark.parametrize(
    ("given", "form", "day"),
    [
        ("2024-05-31", "", date(2024, 5, 31)),
        ("2024-05-31T23:30:00Z", "", date(2024, 5, 31)),  # the date that it says
        (1717194600, "epoch", date(2024, 6, 1)),  # half past midnight in Berlin
    ],
)
def test_dates(given, form, day):
    assert values.day(given, BERLIN, form) == day


@pytest.mark.parametrize(("given", "truth"), [("Yes", True), ("1", True), (True, True), ("no", False), (0, False)])
def test_truth(given, truth):
    assert values.truth(given) is truth


@pytest.mark.parametrize("given", ["maybe", "", 2, None])
def test_what_is_no_truth(given):
    with pytest.raises(BadValueError, match="must be true or false"):
        values.truth(given)


@pytest.mark.parametrize("given", ["a\x00b", "a\x1bb", "x" * 11, "\ud800", ["a"], {"a": 1}, True])
def test_texts_that_are_refused(given):
    with pytest.raises(BadValueError):
        values.text(given, 10)


def test_ids_are_one_line_and_numbers_lose_the_point_of_the_spreadsheet():
    assert (values.identifier(17.0, 10), values.identifier(17, 10), values.identifier("e\u0301", 10)) == (
        "17",
        "17",
        "\u00e9",
    )
    with pytest.raises(BadValueError, match="printable"):
        values.identifier("a\nb", 10)


@pytest.mark.parametrize("given", ["[1]", "{", '{"a":' * 4000, '{"a": "' + "x" * 30_000 + '"}', 5])
def test_what_is_no_json_object(given):
    with pytest.raises(BadValueError):
        values.json_object(given)


def test_messages_show_long_values_shortened():
    with pytest.raises(BadValueError, match=r"not “x{40}…”$"):
        values.uuid("x" * 5000)
