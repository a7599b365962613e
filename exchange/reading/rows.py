"""What is read of a file: rows of cells by column, numbered as a spreadsheet numbers them."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalogues.strict_json import is_storable

MOST_ROWS = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 100_000  # characters


class UnreadableFileError(Exception):
    """Nothing of the file is imported; a sentence for staff, which names row and column where there are such."""


@dataclass(frozen=True)
class Fault:
    column: str
    reason: str


@dataclass(frozen=True)
class FileRow:
    """Columns that the file does not have are not in `cells`, and stay as they are."""

    number: int
    cells: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)


def columns_of(header: Sequence[Any], *, known: Collection[str], key: str) -> list[str]:
    """The columns of a header, without empty ones at its end. Raises UnreadableFileError."""
    names = [str(name).strip() if name is not None else "" for name in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise UnreadableFileError(f"Row 1 has more than {MOST_COLUMNS} columns.")
    if "" in names:
        raise UnreadableFileError(f"Row 1, column {names.index('') + 1}: the name of the column is missing.")
    _check_names(names, known=known, key=key)
    return names


def _check_names(names: Sequence[str], *, known: Collection[str], key: str) -> None:
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise UnreadableFileError(f"Row 1: the column “{shortened(twice[0])}” is given twice.")
    if key not in names:
        raise UnreadableFileError(f"Row 1: the column “{key}” is missing, by which rows are found.")
    if unknown := [name for name in names if name not in known]:
        raise UnreadableFileError(
            f"Row 1: there is no column “{shortened(unknown[0])}”. These are: {', '.join(known)}."
        )


def table_rows(rows: Iterable[Sequence[Any]], *, known: Collection[str], key: str) -> Iterator[FileRow]:
    """Rows below a header; empty ones are left out. Raises UnreadableFileError."""
    rows = iter(rows)
    columns = columns_of(next(rows, []), known=known, key=key)
    for number, cells in enumerate(rows, start=2):
        refuse_many_rows(number - 1)
        if any(cell not in (None, "") for cell in cells):
            yield _row(number, columns, cells)


def refuse_many_rows(count: int) -> None:
    if count > MOST_ROWS:
        raise UnreadableFileError(f"The file has more than {MOST_ROWS:,} rows (empty ones included). Divide it.")


def _row(number: int, columns: Sequence[str], cells: Sequence[Any]) -> FileRow:
    more = [cell for cell in cells[len(columns) :] if cell not in (None, "")]
    values = dict(zip(columns, [*cells, *[None] * len(columns)], strict=False))
    faults = [Fault("", "The row has more cells than the header.")] if more else []
    return checked(FileRow(number, values, faults))


def checked(row: FileRow) -> FileRow:
    """The row without the cells that cannot be stored or are too long, which become faults."""
    faults = [Fault(column, reason) for column, value in row.cells.items() if (reason := _fault_of(value))]
    faulty = {fault.column for fault in faults}
    cells = {column: value for column, value in row.cells.items() if column not in faulty}
    return FileRow(row.number, cells, [*row.faults, *faults])


def _fault_of(value: Any) -> str:
    if isinstance(value, Fault):
        return value.reason
    if not is_storable(value):
        return "Text must not contain NUL characters or lone surrogates."
    if isinstance(value, str) and len(value) > LONGEST_CELL:
        return f"The cell has more than {LONGEST_CELL:,} characters."
    return ""


def shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
