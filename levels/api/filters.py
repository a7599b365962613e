"""The filters of every list of levels."""

from typing import Any

import django_filters
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.sql.compiler import SQLCompiler

from catalogues.texts import normal_form
from levels.choices import DIFFICULTY_NAMES, Kind, canonical_difficulty
from levels.models import LevelQuerySet


class ListHas(Func):
    """Is the text an entry of the JSON list, as a whole? Django's `contains` does not work on SQLite."""

    output_field = BooleanField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" ? ", **extra)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, Any]:
        template = "EXISTS (SELECT 1 FROM json_each(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") WHERE value = ", **extra)


class LevelFilter(django_filters.FilterSet):
    category = django_filters.CharFilter(max_length=100, help_text="Exactly this category.")
    difficulty = django_filters.ChoiceFilter(
        choices=[(name, name) for name in DIFFICULTY_NAMES], method="by_difficulty", help_text="Aliases included."
    )
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    tag = django_filters.CharFilter(max_length=60, method="by_tag", help_text="Exactly one of the level's tags.")
    search = django_filters.CharFilter(
        max_length=100,
        method="by_text",
        help_text="Part of the name or description in any language, or of the level_id.",
    )

    def by_difficulty(self, levels: LevelQuerySet, _name: str, value: str) -> LevelQuerySet:
        return levels.filter(difficulty=canonical_difficulty(value))

    def by_tag(self, levels: LevelQuerySet, _name: str, value: str) -> LevelQuerySet:
        return levels.filter(ListHas(F("tags"), Value(normal_form(value))))

    def by_text(self, levels: LevelQuerySet, _name: str, value: str) -> LevelQuerySet:
        value = normal_form(value)
        found = Q(name__icontains=value) | Q(description__icontains=value) | Q(level_id__icontains=value)
        for code, _language in settings.LANGUAGES:
            for text in ("name", "description"):
                found |= Q(**{f"translations__{code}__{text}__icontains": value})
        return levels.filter(found)
