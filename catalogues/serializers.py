"""Rows with texts in several languages, as the API shows them."""

from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from .files import IN_LANGUAGES
from .translations import TranslatedRow, translate

Row = TypeVar("Row", bound=TranslatedRow)
ONLY_FOR_EDITORS = extend_schema_serializer(extensions={"x-not-always-sent": sorted(IN_LANGUAGES)})


_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_LIST: dict[str, Any] = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_OF_A_LANGUAGE: dict[str, Any] = {"type": "object", "additionalProperties": _TEXT_OR_LIST}


@extend_schema_field({"type": "object", "additionalProperties": _OF_A_LANGUAGE})
class TranslationsField(serializers.DictField):
    """The row itself checks what is in it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"help_text": "By language, then by field. Only for editors.", **options})


class TranslatedSerializer(serializers.ModelSerializer[Row]):
    """Texts in the active language.

    With `for_editors` in its context, the row's own texts, its language and its translations: an editor writes back
    what they read.
    """

    def to_representation(self, row: Row) -> dict[str, Any]:
        data: dict[str, Any] = super().to_representation(row)
        if self.context.get("for_editors"):
            return data
        return {name: value for name, value in translate(data, row).items() if name not in IN_LANGUAGES}
