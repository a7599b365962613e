import csv
import io
from collections.abc import Collection, Iterator

from exchange.cells import restored

from .rows import FileRow, UnreadableFileError, table_rows

DELIMITERS = [",", ";", "\t"]
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
NOT_READABLE = (
    "The file is neither in UTF-8 nor in UTF-16 with a byte order mark; it may be in Windows-1252. "
    "In Excel, save it as “CSV UTF-8”."
)


def read_csv(content: bytes, *, known: Collection[str], key: str) -> Iterator[FileRow]:
    """Raises UnreadableFileError."""
    text = _text_of(content)
    header = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return table_rows(_cells(reader), known=known, key=key)


def _cells(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    number = 1
    try:
        for cells in reader:
            yield [restored(cell) for cell in cells]
            number += 1
    except csv.Error as error:
        raise UnreadableFileError(f"Row {number} is no CSV: {error}.") from error


def _text_of(content: bytes) -> str:
    encoding = "utf-16" if content.startswith(UTF_16_MARKS) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(NOT_READABLE) from error
