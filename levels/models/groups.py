"""Sections and units, which group the levels of a catalogue."""

from django.core.validators import MaxValueValidator
from django.db import models

from catalogues.texts import NormalCharField
from catalogues.translations import TranslatedRow
from change_history.querysets import TrackedQuerySet
from change_history.records import ChangeHistory
from levels.validators import MAX_INTEGER


class Section(TranslatedRow):
    TEXTS = ["title"]

    section_id = models.SlugField(max_length=100, unique=True)
    title = NormalCharField(max_length=200)
    order = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])

    objects = TrackedQuerySet["Section"].as_manager()
    history = ChangeHistory()

    class Meta:
        ordering = ["order", "section_id"]

    def __str__(self) -> str:
        return self.title


class Unit(TranslatedRow):
    TEXTS = ["title"]

    unit_id = models.SlugField(max_length=100, unique=True)
    section = models.ForeignKey(Section, models.CASCADE, related_name="units")
    title = NormalCharField(max_length=200)
    order = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_INTEGER)])

    objects = TrackedQuerySet["Unit"].as_manager()
    history = ChangeHistory()

    class Meta:
        ordering = ["section__order", "section__section_id", "order", "unit_id"]

    def __str__(self) -> str:
        return self.title
