"""Questions as CSV for spreadsheets: `answer` has the lines of `lines.py`."""

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from exchange.cells import guarded, restored

from .lines import read_lines, to_lines
from .numbers import as_decimal, as_number
from .rows import FileRow, UnreadableFileError

if TYPE_CHECKING:
    from levels.models import Question

COLUMNS = ["question_id", "kind", "prompt", "answer", "tolerance", "hint", "explanation", "skill", "published"]
NEEDED = {"question_id", "kind", "prompt", "answer"}
_PUBLISHED = {"yes": True, "true": True, "no": False, "false": False}


def write_csv(questions: Iterable["Question"]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[_guard(cell) for cell in cells_of(question)] for question in questions])
    return file.getvalue()


def read_csv(text: str) -> list[FileRow]:
    """Raises UnreadableFileError."""
    header = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if header.count(";") > header.count(",") else ",")
    columns = {name.strip() for name in reader.fieldnames or []}
    if missing := sorted(NEEDED - columns):
        raise UnreadableFileError(f"The column {missing[0]} is missing.")
    if unknown := sorted(columns - set(COLUMNS)):
        raise UnreadableFileError(f"There is no column “{unknown[0]}”. These are: {', '.join(COLUMNS)}.")
    try:
        return [_read(f"row {number}", cells) for number, cells in enumerate(reader, start=1)]
    except csv.Error as error:
        raise UnreadableFileError(f"This is no CSV: {error}.") from error


def cells_of(question: "Question") -> list[str]:
    tolerance = str(question.accept["tolerance"]) if isinstance(question.accept, dict) else ""
    return [
        *(question.question_id, question.kind, question.prompt, to_lines(question), tolerance),
        *(question.hint, question.explanation, question.skill, "yes" if question.published else "no"),
    ]


def _read(where: str, cells: dict[Any, Any]) -> FileRow:
    if None in cells or None in cells.values():
        return FileRow(where, problem="The row has more or fewer cells than the header.")
    values: dict[str, Any] = {name.strip(): restored(cell.replace("\r\n", "\n")) for name, cell in cells.items()}
    try:
        values |= _answer(values["kind"], values.pop("answer"), values.pop("tolerance", "").strip())
        if "published" in values:
            values["published"] = _published(values["published"])
    except ValueError as problem:
        return FileRow(f"{where} ({values['question_id']})", problem=str(problem))
    return FileRow(where, values)


def _answer(kind: str, lines: str, tolerance: str) -> dict[str, Any]:
    number = as_decimal(tolerance)
    if tolerance and number is None:
        raise ValueError("The tolerance is no number.")
    accept = [] if number is None else {"tolerance": as_number(number)}
    return {"accept": accept, **read_lines(kind, lines)}


def _published(cell: str) -> bool:
    if cell.strip().casefold() not in _PUBLISHED:
        raise ValueError("published: yes or no.")
    return _PUBLISHED[cell.strip().casefold()]


def _guard(cell: str) -> str:
    """A number with a sign is no formula."""
    return guarded(cell) if as_decimal(cell) is None else cell
