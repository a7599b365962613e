"""Questions as sheets of Excel: the columns of CSV, so that one reader judges both."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from exchange.cells import guarded
from exchange.reading.rows import FileRow
from exchange.reading.xlsx_files import read_xlsx
from exchange.writing import xlsx_file
from levels.models import Question
from levels.questions.rows import UnreadableFileError
from levels.questions.tables import COLUMNS, cells_of


def sheet_of(questions: Iterable[Question]) -> bytes:
    with xlsx_file(COLUMNS, (cells_of(question) for question in questions)) as file:
        return file.read()


def sheet_as_csv(content: bytes) -> str:
    """Raises UnreadableFileError, of levels.questions and of exchange."""
    rows = list(read_xlsx(content, known=COLUMNS, key="question_id"))
    if faults := [(row, fault) for row in rows for fault in row.faults]:
        row, fault = faults[0]
        raise UnreadableFileError(f"Row {row.number}, {fault.column or 'cells'}: {fault.reason}")
    names = [*rows[0].cells] if rows else COLUMNS
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows([_text_of(row, name) for name in names] for row in rows)
    return file.getvalue()


def _text_of(row: FileRow, name: str) -> str:
    value: Any = row.cells[name]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else guarded(str(value))
