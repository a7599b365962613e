"""Rows as CSV, JSON or XLSX: CSV and JSON in portions, so that the memory does not grow with their number."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from .cells import guarded

Row = Sequence[Any]

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NAMES = {"csv": "CSV", "json": "JSON", "xlsx": "Excel (XLSX)"}
STREAMED = ("csv", "json")
LONGEST_CELL = 32_767  # characters, of XLSX
BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8


class UnwritableRowsError(Exception):
    """A sentence for staff."""


class _Line:
    """A file for `csv.writer`, which hands back what is written."""

    def write(self, text: str) -> str:
        return text


def csv_portions(header: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    write = csv.writer(_Line()).writerow
    yield BYTE_ORDER_MARK + str(write(header))
    for row in rows:
        yield str(write([_text_of(value) for value in row]))


def json_portions(header: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    before = "["
    for row in rows:
        yield f"{before}\n{json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False, default=str)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


PORTIONS: dict[str, Callable[[Sequence[str], Iterable[Row]], Iterator[str]]] = {
    "csv": csv_portions,
    "json": json_portions,
}


def xlsx_file(header: Sequence[str], rows: Iterable[Row]) -> IO[bytes]:
    """Raises UnwritableRowsError."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rows")
    sheet.freeze_panes = "A2"
    sheet.append([*header])
    for number, row in enumerate(rows, start=2):
        sheet.append([_cell_of(value, name, number) for name, value in zip(header, row, strict=True)])
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cell_of(value: Any, name: str, number: int) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = _text_of(value)
    if len(text) > LONGEST_CELL or ILLEGAL_CHARACTERS_RE.search(text):
        raise UnwritableRowsError(
            f"Row {number}, column {name}: an Excel cell cannot hold this text. Export as CSV or JSON instead."
        )
    return text


def _text_of(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case dict() | list() if type(value) in (dict, list):
            return guarded(json.dumps(value, ensure_ascii=False, default=str))
    return guarded(str(value))
