"""Files as the programs of other people write them, and what cannot be read."""

import gzip
import os

import pytest

from skillquest.moving import files
from skillquest.moving.errors import InputError
from skillquest.moving.files import look_through
from skillquest.moving.tables import Row, read_rows

TABLE = "Name;Größe\nJürgen;1\n"


@pytest.fixture
def read(tmp_path):
    """`read(bytes)` returns the columns and the rows."""

    def read(data, **options):
        path = tmp_path / "file"
        path.write_bytes(data)
        with look_through(path).lines() as lines:
            columns, rows = read_rows(lines, **options)
            return columns, list(rows)

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_are_recognised(read, encoding, end):
    assert read(TABLE.replace("\n", end).encode(encoding)) == (
        ["Name", "Größe"],
        [Row(2, {"Name": "Jürgen", "Größe": "1"})],
    )


def test_gzip_is_recognised_by_its_content(read):
    assert read(gzip.compress(TABLE.encode()))[1] == [Row(2, {"Name": "Jürgen", "Größe": "1"})]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised_outside_quotes(read, delimiter):
    header = delimiter.join(['"a,;,;,;|"', "b", "c"])
    assert read(f"{header}\n1{delimiter}2{delimiter}3\n".encode())[1][0].values == {"a,;,;,;|": "1", "b": "2", "c": "3"}


def test_the_line_of_excel_that_names_the_delimiter_is_followed(read):
    assert read(b"sep=;\r\na,b;c\r\n1;2\r\n") == (["a,b", "c"], [Row(3, {"a,b": "1", "c": "2"})])


def test_cells_may_have_several_lines_and_lines_are_counted_as_an_editor_does(read):
    _, rows = read(b'a,b\n"one\ntwo",2\n\n,\n3,4\n')
    assert rows == [Row(2, {"a": "one\ntwo", "b": "2"}), Row(6, {"a": "3", "b": "4"})]


def test_a_line_with_too_many_cells_is_a_problem_of_that_line(read):
    _, rows = read(b"a,b\n1,2,3\n4\n5,6,,\n")
    assert rows == [
        Row(2, problem="The line has 3 cells, the header 2."),
        Row(3, {"a": "4", "b": ""}),
        Row(4, {"a": "5", "b": "6"}),
    ]


def test_lines_before_the_header_are_skipped(read):
    assert read(b"For internal use\na,b\n1,2\n", skip_lines=1) == (["a", "b"], [Row(3, {"a": "1", "b": "2"})])


def test_json_lines(read):
    columns, rows = read('\ufeff{"a": 1}\n\n[1]\n{"a": NaN}\n{"a": "ü"}\nnothing\n'.encode())
    assert columns is None
    assert rows == [
        Row(1, {"a": 1}),
        Row(3, problem="This is not a JSON object."),
        Row(4, problem="This is not a line of JSON."),
        Row(5, {"a": "ü"}),
        Row(6, problem="This is not a line of JSON."),
    ]


def test_json_that_is_nested_too_deep_is_a_problem_of_that_line(read):
    assert read(b'{"a": 1}\n' + b'{"a":' * 100_000 + b"\n")[1][1].problem == "This is not a line of JSON."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no columns"),
        (b"\n", "no columns"),
        (b"a,b,a\n1,2,3\n", "Columns have the same name: a"),
        (b",".join(b"c%d" % number for number in range(501)) + b"\n", "more than 500"),
    ],
)
def test_headers_that_cannot_be_used(read, data, message):
    with pytest.raises(InputError, match=message):
        read(data)


def test_a_damaged_gzip_file_is_refused_before_anything_is_imported(read):
    whole = gzip.compress(os.urandom(10_000))
    with pytest.raises(InputError, match="cannot be read"):
        read(whole[:5_000])


def test_a_line_without_an_end_is_refused(read, monkeypatch):
    monkeypatch.setattr(files, "LONGEST_LINE", 100)
    with pytest.raises(InputError, match="longer than 100"):
        read(b"a\n" + b"x" * 200)


def test_a_quote_without_an_end_is_a_problem_of_its_line(read):
    _, rows = read(b'a,b\n"' + b"x" * 140_000 + b"\n1,2\n")
    assert rows[0].problem.startswith("This is not a line of the table: field larger than field limit")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nothing cannot be read: No such file"):
        look_through(tmp_path / "nothing")
