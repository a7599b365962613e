"""Importing the questions of one level: first what would change, then writing exactly that."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from catalogues.strict_json import is_storable
from change_history.context import because
from levels.models import Level, Question
from levels.questions.gift import write_gift
from levels.questions.gift_reading import read_gift
from levels.questions.json_files import FIELDS, read_json, write_json
from levels.questions.rows import FileRow
from levels.questions.tables import read_csv, write_csv

MAX_QUESTIONS = 500

Writer = Callable[[Iterable[Question]], str]
Reader = Callable[[str], list[FileRow]]
FORMATS: dict[str, tuple[Writer, Reader]] = {
    "json": (write_json, read_json),
    "csv": (write_csv, read_csv),
    "gift": (write_gift, read_gift),
}


class ChangedMeanwhileError(Exception):
    """The questions are no longer those that the plan was made for."""


@dataclass(frozen=True)
class Change:
    """What the file does to one question; `differences` are (field, before, after)."""

    where: str
    question: Question | None = None
    differences: Sequence[tuple[str, Any, Any]] = field(default_factory=list)
    problem: str = ""

    @property
    def verdict(self) -> str:
        if self.problem or self.question is None:
            return "problem"
        if self.question.pk is None:
            return "new"
        return "changed" if self.differences else "unchanged"


@dataclass(frozen=True)
class Plan:
    changes: Sequence[Change]

    @property
    def to_write(self) -> list[Question]:
        writes = (change for change in self.changes if change.verdict in {"new", "changed"})
        return [change.question for change in writes if change.question]

    @property
    def has_problems(self) -> bool:
        return any(change.problem for change in self.changes)

    @property
    def fingerprint(self) -> str:
        """The same as long as the file does the same to the same questions."""
        shown = [(change.where, change.verdict, change.differences, change.problem) for change in self.changes]
        return sha256(json.dumps(shown).encode()).hexdigest()


def plan_import(level: Level, rows: Sequence[FileRow]) -> Plan:
    ids = [_id_of(level, row) for row in rows]
    stored = {one.question_id: one for one in Question.objects.filter(question_id__in=ids).select_related("level")}
    position, changes, seen = level.questions.count(), [], set[str]()
    for row, question_id in zip(rows, ids, strict=True):
        question = stored.get(question_id) or _new_question(level, question_id, position)
        position += question.pk is None
        problem = "The same question_id is given twice." if question_id in seen else ""
        seen.add(question_id)
        changes.append(_compare(level, question, FileRow(row.where, row.values, row.problem or problem)))
    return Plan(changes)


@transaction.atomic
def apply_import(level: Level, rows: Sequence[FileRow], *, shown: str) -> int:
    """Write what the plan with the fingerprint `shown` says; answers how many questions.

    Raises ChangedMeanwhileError.
    """
    Level.objects.select_for_update(no_key=True).get(pk=level.pk)
    list(level.questions.select_for_update().order_by("pk"))
    plan = plan_import(level, rows)
    if plan.has_problems or plan.fingerprint != shown:
        raise ChangedMeanwhileError
    with because("import"):
        for question in plan.to_write:
            question.save()
    return len(plan.to_write)


def _new_question(level: Level, question_id: str, position: int) -> Question:
    return Question(question_id=question_id, level=level, position=position, language=level.language)


def _id_of(level: Level, row: FileRow) -> str:
    """Where the file has none, it follows from the prompt, so that the same file finds the same question again."""
    given = row.values.get("question_id")
    if given:
        return given if isinstance(given, str) else ""
    return f"{level.level_id[:80]}-{sha256(str(row.values.get('prompt')).encode()).hexdigest()[:12]}"


def _compare(level: Level, question: Question, row: FileRow) -> Change:
    where = f"{row.where}: {question.question_id}" if not row.problem else row.where
    problem = row.problem
    if question.pk and question.level_id != level.pk:
        problem = problem or f"It belongs to the level “{question.level.name}”."
    before = {name: getattr(question, name) for name in FIELDS} if question.pk else {}
    problem = problem or _set_values(question, row.values)
    if problem:
        return Change(where, problem=problem)
    after = {name: getattr(question, name) for name in FIELDS}
    differences = [(name, before.get(name), after[name]) for name in FIELDS if before.get(name) != after[name]]
    return Change(where, question, differences)


def _set_values(question: Question, values: dict[str, Any]) -> str:
    """Answers what is wrong with them, or nothing."""
    if not is_storable(values):
        return "Text must not contain NUL characters or lone surrogates."
    for name, value in values.items():
        if name != "question_id":
            setattr(question, name, value)
    try:
        question.clean_fields(exclude=["level"])
        question.clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        return f"{name}: {messages[0]}"
    return ""
