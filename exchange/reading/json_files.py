from collections.abc import Collection, Iterator
from typing import Any

from catalogues import strict_json

from .rows import Fault, FileRow, UnreadableFileError, checked, refuse_many_rows, shortened


def read_json(content: bytes, *, known: Collection[str], key: str) -> Iterator[FileRow]:
    """A list of objects; their numbers count from 1. Raises UnreadableFileError."""
    try:
        document = strict_json.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"This is no JSON: {error}.") from error
    if not isinstance(document, list):
        raise UnreadableFileError("A list of objects is needed, as the export writes it.")
    refuse_many_rows(len(document))
    return (_row(number, row, known=known, key=key) for number, row in enumerate(document, start=1))


def _row(number: int, row: Any, *, known: Collection[str], key: str) -> FileRow:
    if not isinstance(row, dict):
        return FileRow(number, {}, [Fault("", "An object is needed.")])
    faults = [Fault(shortened(name), "There is no such field.") for name in row if name not in known]
    if key not in row:
        faults.append(Fault(key, "It is missing."))
    return checked(FileRow(number, {name: value for name, value in row.items() if name in known}, faults))
