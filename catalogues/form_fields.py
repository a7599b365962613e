"""Fields of forms for the texts of catalogues."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = AdminTextareaWidget(attrs={"rows": 3})

    def __init__(self, *, help_text: str = "One a line.", **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": 20_000, "help_text": help_text, **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return lines_of(super().to_python(self.prepare_value(value)) or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))

    def run_validators(self, value: Any) -> None:
        """Of the text, since they are those of a text."""
        super().run_validators(self.prepare_value(value))


class ParagraphField(forms.CharField):
    """A text of several lines, as browsers send it and as it is stored."""

    widget = AdminTextareaWidget(attrs={"rows": 4})

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class SuggestingInput(AdminTextInputWidget):
    """A text for which the browser suggests values, with words beside them; a form sets `suggestions`."""

    suggestions: Callable[[], Iterable[tuple[str, str]]] = tuple

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off"})

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{name}-suggestions"
        options = format_html_join("", '<option value="{}">{}</option>', self.suggestions())
        text = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', text, listed, options)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
