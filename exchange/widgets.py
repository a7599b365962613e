"""How values of fields are written into cells and read from them. A wrong cell raises ValueError with a sentence."""

import json
import re
from typing import Any

from django.db import models
from import_export.widgets import Widget

from catalogues import strict_json

TRUE, FALSE = {"yes", "true", "1"}, {"no", "false", "0"}
INTEGER = re.compile(r"-?[0-9]{1,18}")


class FieldWidget(Widget):
    def __init__(self, field: Any) -> None:
        super().__init__()
        self.field = field

    @property
    def has_default(self) -> bool:
        """Whether a value has to be there, and is there already before one is given."""
        return not self.field.null and not self.field.blank and self.field.has_default()

    def render(self, value: Any, obj: Any = None, **_: Any) -> Any:  # noqa: ARG002
        return value

    def clean(self, value: Any, row: Any = None, **_: Any) -> Any:  # noqa: ARG002
        return value


class TextWidget(FieldWidget):
    def clean(self, value: Any, row: Any = None, **_: Any) -> Any:  # noqa: ARG002
        if value in (None, ""):
            return None if self.field.null else ""
        # A spreadsheet makes a number of a text of digits.
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError("A text is needed.")
        return str(value)


class NumberWidget(FieldWidget):
    def clean(self, value: Any, row: Any = None, **_: Any) -> Any:  # noqa: ARG002
        if value in (None, ""):
            if self.field.null:
                return None
            raise ValueError("A whole number is needed.")
        if isinstance(value, str) and INTEGER.fullmatch(value.strip()):
            return int(value)
        if type(value) is not int:
            raise ValueError("A whole number is needed.")
        return value


class BooleanWidget(FieldWidget):
    def clean(self, value: Any, row: Any = None, **_: Any) -> Any:  # noqa: ARG002
        word = str(value).strip().casefold()
        if word in TRUE | FALSE:
            return word in TRUE
        raise ValueError("yes or no is needed.")


class JSONWidget(FieldWidget):
    def clean(self, value: Any, row: Any = None, **_: Any) -> Any:  # noqa: ARG002
        if value in (None, ""):
            return None if self.field.null else self.field.get_default()
        return _loaded(value) if isinstance(value, str) else value


class LinesWidget(FieldWidget):
    """A list of texts, one a line; as JSON where a text has a line break or would be taken for JSON."""

    def render(self, value: Any, obj: Any = None, **_: Any) -> Any:  # noqa: ARG002
        return Lines(value or [])

    def clean(self, value: Any, row: Any = None, **_: Any) -> Any:  # noqa: ARG002
        if value in (None, ""):
            return []
        if isinstance(value, str):
            value = _loaded(value) if value.startswith("[") else [line.strip() for line in value.splitlines()]
            value = [one for one in value if one != ""] if isinstance(value, list) else value
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError("A list of texts is needed, one a line.")
        return value


class Lines(list[str]):
    """A list that is one text, with a line for each entry, where a file has cells."""

    def __str__(self) -> str:
        text = "\n".join(self)
        is_plain = text.splitlines() == [one.strip() for one in self] == [*self] and not text.startswith("[")
        return text if is_plain else json.dumps([*self], ensure_ascii=False)


def _loaded(text: str) -> Any:
    try:
        return strict_json.loads(text.encode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"This is no JSON: {error}.") from error


def widget_of(field: Any) -> type[FieldWidget]:
    if isinstance(field, models.JSONField):
        return LinesWidget if field.default is list else JSONWidget
    if isinstance(field, models.BooleanField):
        return BooleanWidget
    if isinstance(field, models.IntegerField):
        return NumberWidget
    return LinesWidget if field.many_to_many else TextWidget
