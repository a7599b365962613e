"""The model of the questions that the server asks and judges."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.validators import MaxValueValidator, validate_slug
from django.db import models
from django.db.models import Q

from catalogues.texts import NormalCharField, NormalJSONField, NormalTextField
from catalogues.translations import TranslatedRow
from change_history.querysets import TrackedQuerySet
from change_history.records import ChangeHistory
from levels.choices import QuestionKind
from levels.questions.translating import check_translation, text_names
from levels.questions.validation import MAX_LENGTHS, check_question
from levels.validators import MAX_INTEGER


class QuestionQuerySet(TrackedQuerySet["Question"]):
    def published(self) -> "QuestionQuerySet":
        return self.filter(published=True)


class Question(TranslatedRow):
    """One question of a level. What `choices`, `answer` and `accept` contain depends on its kind.

    | kind | choices | answer | accept |
    |---|---|---|---|
    | true_false | | true or false | |
    | single_choice | texts | one of them | |
    | multiple_choice | texts | the right ones | |
    | ordering | | texts in the right order | |
    | matching | further rights, which fit nothing | pairs of texts: [left, right] | |
    | short_text | | a text | other texts that are right |
    | number | | a number | {"tolerance": a number}, or empty |

    Translations have `choices` where the kind has any, `answer` for an ordering, matching or short text, and `accept`
    for a short text. Which choice is right follows from its place.
    """

    question_id = models.CharField("question ID", max_length=100, unique=True, validators=[validate_slug])
    level = models.ForeignKey("levels.Level", models.CASCADE, related_name="questions", db_index=False)
    position = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])
    kind = models.CharField(max_length=20, choices=QuestionKind.choices)
    prompt = NormalTextField(
        max_length=MAX_LENGTHS["prompt"],
        help_text="Markdown: paragraphs, emphasis, lists, inline code and code blocks.",
    )
    choices = NormalJSONField(default=list, blank=True)
    answer = NormalJSONField()
    accept = NormalJSONField(default=list, blank=True)
    hint = NormalTextField(blank=True, max_length=MAX_LENGTHS["hint"])
    explanation = NormalTextField(
        blank=True, max_length=MAX_LENGTHS["explanation"], help_text="Shown after the answer. Markdown."
    )
    skill = NormalCharField(max_length=60, blank=True)
    published = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)
    draw_key = models.FloatField(
        default=random.random,
        db_default=0.5,
        editable=False,
        help_text="From 0 to 1: plays draw from any place in this order.",
    )

    objects = QuestionQuerySet.as_manager()
    history = ChangeHistory(leave_out=["updated_at", "draw_key"])

    class Meta:
        ordering = ["level", "position", "question_id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
        ]
        indexes = [models.Index(fields=["level", "published", "draw_key"], name="questions_to_draw")]

    def __str__(self) -> str:
        return self.question_id

    def clean(self) -> None:
        check_question(self)
        super().clean()

    def text_names(self) -> Sequence[str]:
        return text_names(self)

    def check_texts(self, texts: Mapping[str, Any]) -> None:
        # There may be more or fewer of these in another language.
        alternatives = {"accept"} if self.kind == QuestionKind.SHORT_TEXT else set()
        super().check_texts({name: text for name, text in texts.items() if name not in alternatives})
        check_translation(self, texts)
