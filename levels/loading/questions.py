"""Files of questions, one per level, and bringing the database in line with them."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from catalogues.files import (
    IN_LANGUAGES,
    CatalogueError,
    Shape,
    build_row,
    check_fields,
    in_language_of,
    read_document,
    rows_of,
)
from catalogues.loading import Outcome, changed_rows, compare, refuse_twice, upsert, write_in_portions
from levels.models import Question

_REQUIRED = frozenset({"question_id", "kind", "prompt", "answer"})
_OPTIONAL = frozenset({"choices", "accept", "hint", "explanation", "skill", "published"}) | IN_LANGUAGES
QUESTION = Shape(Question, "question_id", _REQUIRED, optional=_OPTIONAL, checked_by_model=frozenset({"accept"}))
QUESTION_CHANGES = ["level_id", "position", *sorted((_REQUIRED | _OPTIONAL) - {QUESTION.key})]


@dataclass(frozen=True)
class QuestionFile:
    name: str
    level: str  # its level_id
    questions: list[Question]


def holds_questions(path: Path) -> bool:
    """Decided by the content; a file that cannot be read is refused by the reader of levels."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "questions" in document


def read_question_file(path: Path) -> QuestionFile:
    document, name = read_document(path), path.name
    check_fields(document, name, required=frozenset({"level_id", "questions"}), optional=frozenset({"language"}))
    if not isinstance(document["level_id"], str):
        raise CatalogueError(f"{name}: level_id: a text is needed.")
    rows = [in_language_of(document, row, name) for row in rows_of(document, "questions", name)]
    questions = [build_row(QUESTION, row, name) for row in rows]
    for position, question in enumerate(questions):
        question.position = position
    return QuestionFile(name, document["level_id"], questions)


@dataclass
class QuestionPlan:
    files: list[QuestionFile]

    def __post_init__(self) -> None:
        self.questions = [(file.name, question) for file in self.files for question in file.questions]

    @cached_property
    def stored(self) -> dict[str, Question]:
        ids = [question.question_id for _, question in self.questions]
        if not ids:
            return {}
        rows = Question.objects.filter(question_id__in=ids).select_related("level")
        return {question.question_id: question for question in rows}

    def check(self, *, level_ids: Set[str]) -> None:
        """Raises CatalogueError; `level_ids` are those of all levels, also of those that are about to be written."""
        refuse_twice(QUESTION, self.questions, QUESTION.key)
        for file in self.files:
            if file.level not in level_ids:
                raise CatalogueError(f"{file.name}: level_id: there is no level “{file.level}”.")
            for question in file.questions:
                stored = self.stored.get(question.question_id)
                if stored and stored.level.level_id != file.level:
                    raise CatalogueError(
                        f"{file.name}: {question.question_id}: it belongs to level “{stored.level.level_id}”."
                    )

    def apply(self, keys: Mapping[str, int]) -> list[Outcome]:
        """Write what differs, in short transactions; `keys` are primary keys of levels by level_id."""
        for file in self.files:
            for question in file.questions:
                question.level_id = keys[file.level]
        outcomes = [
            compare(QUESTION, file, question, self.stored.get(question.question_id), QUESTION_CHANGES)
            for file, question in self.questions
        ]
        write_in_portions(changed_rows(self.questions, outcomes), write_questions)
        return outcomes


def write_questions(questions: Sequence[Question]) -> None:
    upsert(QUESTION, questions, [*QUESTION_CHANGES, "updated_at"])
