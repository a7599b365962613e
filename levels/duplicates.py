"""A copy of a level with its questions, for somebody who wants to change it into another one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction

from catalogues.duplicates import copy_of, free_slug, recent_copy

from .approvals import needs_approval
from .choices import XPRule, default_repeat_policy
from .models import Level, Question

# A copy pays nothing where paying as much takes a second person.
LONGEST = 80  # characters of a level's id in those of its questions
PAYS_NOTHING = {"xp_rule": XPRule.FIXED.value, "xp_reward": 0}


@transaction.atomic
def duplicate_level(*, level: Level, actor: Any, at: datetime) -> tuple[Level, bool]:
    """Unpublished, with the same prerequisites, and all questions under new ids; and whether it was made now.

    A double click makes one copy.
    """
    original = Level.objects.select_for_update(no_key=True).get(pk=level.pk)
    if found := recent_copy(original, actor=actor, at=at):
        return found, False
    copy = copy_of(original, level_id=free_slug(original, "level_id"), number=None)
    copy.created_by_id = actor.pk
    if needs_approval(None, copy):
        for name, value in PAYS_NOTHING.items():
            setattr(copy, name, value)
        copy.repeat_policy = default_repeat_policy("")
    copy.save(force_insert=True)
    copy.prerequisites.set(original.prerequisites.all())
    _copy_questions(list(original.questions.all()), copy)
    return copy, True


def _copy_questions(questions: Sequence[Question], level: Level) -> None:
    names = [field.attname for field in Question._meta.concrete_fields if field.editable and not field.primary_key]
    copies = [Question(**{name: getattr(question, name) for name in names}) for question in questions]
    for copy, new_id in zip(copies, _free_ids(level, len(copies)), strict=True):
        copy.question_id, copy.level_id = new_id, level.pk
    Question.objects.bulk_create(copies)


def _free_ids(level: Level, how_many: int) -> list[str]:
    """In one statement, unless somebody has given such ids already."""
    for number in count(1):
        ending = "" if number == 1 else f"-{number}"
        ids = [f"{level.level_id[:LONGEST]}-q{place}{ending}" for place in range(1, how_many + 1)]
        if not Question.objects.filter(question_id__in=ids).exists():
            break
    return ids
