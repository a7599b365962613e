"""Questions as JSON, in the form of the files that ship beside the catalogues."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from catalogues import strict_json

from .rows import FileRow, UnreadableFileError

if TYPE_CHECKING:
    from levels.models import Question

FIELDS = [
    *("question_id", "kind", "prompt", "choices", "answer", "accept", "hint", "explanation", "skill", "published"),
    *("language", "translations"),
]


def write_json(questions: Iterable["Question"]) -> str:
    rows = [{name: getattr(question, name) for name in FIELDS} for question in questions]
    return json.dumps({"questions": rows}, ensure_ascii=False, indent=1) + "\n"


def read_json(text: str) -> list[FileRow]:
    """Raises UnreadableFileError."""
    try:
        document = strict_json.loads(text.encode())
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"This is no JSON: {error}.") from error
    rows = document.get("questions") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise UnreadableFileError('An object with a list of "questions" is needed.')
    of_all = {"language": document["language"]} if "language" in document else {}
    return [_read(f"question {number}", row, of_all) for number, row in enumerate(rows, start=1)]


def _read(where: str, row: Any, of_all: dict[str, Any]) -> FileRow:
    if not isinstance(row, dict):
        return FileRow(where, problem="An object is needed.")
    if unknown := sorted(row.keys() - set(FIELDS)):
        return FileRow(where, problem=f"{unknown[0]}: unknown field.")
    return FileRow(where, of_all | row)
