"""The rows of a file: CSV as any spreadsheet writes it, or JSON Lines."""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import BadRowError, InputError

DELIMITERS = ",;\t|"
COLUMNS_AT_MOST = 500


@dataclass(frozen=True)
class Row:
    """`line` is where it begins, counted from 1. With a `problem` it could not be read."""

    line: int
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def is_json(first_line: str) -> bool:
    return first_line.lstrip("\ufeff \t\r\n").startswith("{")


def read_rows(lines: Iterator[str], *, skip_lines: int = 0) -> tuple[list[str] | None, Iterator[Row]]:
    """The names of the columns (None for JSON Lines, where each row has its own), and the rows.

    `skip_lines` are lines before the header that are none of the table. Raise InputError.
    """
    for _ in range(skip_lines):
        next(lines, "")
    first = next(lines, "")
    lines = itertools.chain([first], lines)
    if is_json(first):
        return None, _json_rows(lines, skip_lines)
    return _table(lines, skip_lines)


def _json_rows(lines: Iterable[str], skipped: int) -> Iterator[Row]:
    for number, line in enumerate(lines, start=skipped + 1):
        plain = line.strip("\ufeff \t\r\n")
        if not plain:
            continue
        try:
            yield Row(number, _object(plain))
        except BadRowError as problem:
            yield Row(number, problem=str(problem))


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadRowError("This is not a line of JSON.") from None
    if not isinstance(value, dict):
        raise BadRowError("This is not a JSON object.")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _table(lines: Iterator[str], skipped: int) -> tuple[list[str], Iterator[Row]]:
    header = next(lines)
    delimiter = _stated_delimiter(header)
    if delimiter:  # the line "sep=;" that Excel understands
        skipped, header = skipped + 1, next(lines, "")
    reader = csv.reader(itertools.chain([header], lines), delimiter=delimiter or _likely_delimiter(header))
    try:
        columns = [name.strip().lstrip("\ufeff") for name in next(reader)]
    except (StopIteration, csv.Error):
        raise InputError("The file has no header line.") from None
    _refuse_unusable(columns)
    return columns, _table_rows(reader, columns, skipped)


def _table_rows(reader: Any, columns: list[str], skipped: int) -> Iterator[Row]:
    while True:
        line = reader.line_num + skipped + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield Row(line, problem=f"This is not a line of the table: {problem}.")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        yield _row(line, columns, cells)


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    if len(cells) != len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        return Row(line, problem=f"The line has {len(cells)} cells, the header {len(columns)}.")
    # Spreadsheets leave out empty cells at the end.
    return Row(line, dict(itertools.zip_longest(columns, cells[: len(columns)], fillvalue="")))


def _stated_delimiter(line: str) -> str:
    plain = line.strip('\ufeff \r\n"').lower()
    return plain[4:5] if plain.startswith("sep=") else ""


def _likely_delimiter(header: str) -> str:
    """The one that is most frequent outside quotes."""
    plain = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=plain.count)


def _refuse_unusable(columns: list[str]) -> None:
    if not any(columns) or len(columns) > COLUMNS_AT_MOST:
        raise InputError(f"The header names no columns, or more than {COLUMNS_AT_MOST}.")
    named = [name for name in columns if name]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise InputError(f"Columns have the same name: {', '.join(twice)}.")
