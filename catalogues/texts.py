"""Texts in Unicode's normal form NFC, so that “é” typed in two ways is one name."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import models


def normal_form(value: Any) -> Any:
    """NFC of a text, or of every text inside JSON; other values are returned as they are."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [normal_form(item) for item in value]
    if isinstance(value, dict):
        return {normal_form(key): normal_form(item) for key, item in value.items()}
    return value


class NormalFormField(models.Field):
    """What is cleaned, saved or looked up is in NFC. Migrations see `plain`, the field of Django."""

    plain: type[models.Field]

    def to_python(self, value: Any) -> Any:
        return normal_form(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(normal_form(value))

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        value = normal_form(super().pre_save(instance, add))
        setattr(instance, self.attname, value)
        return value

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.plain.__name__}", args, kwargs


class NormalCharField(NormalFormField, models.CharField):
    plain = models.CharField


class NormalTextField(NormalFormField, models.TextField):
    plain = models.TextField


class NormalJSONField(NormalFormField, models.JSONField):
    plain = models.JSONField
