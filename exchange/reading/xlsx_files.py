"""Sheets of Excel: only the first one is read, and nothing is unpacked that is larger than any real sheet."""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from exchange.cells import restored

from .rows import MOST_COLUMNS, MOST_ROWS, Fault, FileRow, UnreadableFileError, table_rows

MOST_BYTES = 64 * 1024 * 1024  # of all parts, unpacked
MOST_PARTS = 500
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")
# A cell with a value to the right of BH, the last of MOST_COLUMNS.
FAR = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="(?:B[I-Z]|[C-Z][A-Z]|[A-Z]{3,})[0-9]+"[^>]*[^/]>')
READ_AT_ONCE = 1024 * 1024  # bytes
# What zipfile, its decompressors, openpyxl and defusedxml (entities) raise about damaged and made-up files.
UNREADABLE: tuple[type[Exception], ...] = (zipfile.BadZipFile, zlib.error, ParseError, EOFError, RuntimeError, OSError)
UNREADABLE += (LookupError, ValueError, TypeError, AttributeError)
NOT_READABLE = "This is no XLSX file, or it is damaged."
FORMULA = "It is a formula. Replace it by its value."


def read_xlsx(content: bytes, *, known: Collection[str], key: str) -> Iterator[FileRow]:
    """Raises UnreadableFileError."""
    try:
        _refuse_bombs(content)
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        _refuse_by_markup(content, sheet._worksheet_path)
        sheet.reset_dimensions()
        yield from table_rows(_cells(sheet), known=known, key=key)
    except UNREADABLE as error:
        raise UnreadableFileError(NOT_READABLE) from error


def _refuse_bombs(content: bytes) -> None:
    """The sizes that a ZIP file states are those up to which Python unpacks its parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise UnreadableFileError(f"Unpacked, the file has more than {MOST_BYTES // 1024**2} MB or {MOST_PARTS} parts.")


def _refuse_by_markup(content: bytes, path: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(path) as part:
        end = b""
        while data := part.read(READ_AT_ONCE):
            if MERGED.search(end + data):
                raise UnreadableFileError("The sheet has merged cells. Unmerge them, so that each row has its values.")
            if FAR.search(end + data):
                raise UnreadableFileError(f"The sheet has cells behind its {MOST_COLUMNS}th column.")
            end = data[-200:]


def _cells(sheet: Any) -> Iterator[list[Any]]:
    # Rows that are missing in between are empty ones here, so a row far below ends the reading, too.
    for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        if number > MOST_ROWS + 1:
            raise UnreadableFileError(f"The file has more than {MOST_ROWS:,} rows (empty ones included). Divide it.")
        yield [_value_of(cell) for cell in cells]


def _value_of(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        return Fault("", FORMULA)
    if cell.data_type == "e":
        return Fault("", f"It is an error of the spreadsheet: {value}.")
    match value:
        case str():
            return restored(value)
        case datetime() | date() | time() | timedelta():
            return Fault("", "It is a date or time. Format the cell as text.")
        case float() if value.is_integer():
            return int(value)
    return value
