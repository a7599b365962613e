"""The field in which staff put a condition together line by line, or write it as JSON."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from gamification.conditions.fields import ConditionFormField
from gamification.conditions.rows import (
    Row,
    Rows,
    UnclearRowsError,
    known_options,
    option_groups,
    to_condition,
    to_rows,
)
from gamification.conditions.schema import MAX_LEAVES, MAX_THRESHOLD

LINES, JSON = "lines", "json"
JOINED = {
    "one": "the line below",
    "all": "all of the lines below",
    "any": "any one of the lines below",
}
PLACES = {
    "one": "by itself",
    "any": "begins a group: any of these",
    "all": "begins a group: all of these",
    "inside": "belongs to the group above",
}
BLANK, MORE = 1, 5  # blank lines below the others: always, and when somebody asks for more
MORE_LINES = "_lines"  # the button that asks for them


@dataclass(frozen=True)
class Line:
    """As it was typed."""

    what: str = ""
    amount: str = ""
    place: str = "one"

    @property
    def is_blank(self) -> bool:
        return not (self.what or self.amount)

    def problem(self, known: Collection[str]) -> str:
        """Empty where there is none."""
        if self.is_blank:
            return ""
        if self.what not in known:
            return "Choose what is counted."
        is_number = self.amount.isascii() and self.amount.isdecimal() and len(self.amount) <= len(str(MAX_THRESHOLD))
        if not is_number or not 1 <= int(self.amount) <= MAX_THRESHOLD:
            return f"Give a whole number from 1 to {MAX_THRESHOLD}."
        return "" if self.place in PLACES else "Choose where it belongs."


@dataclass(frozen=True)
class Written:
    """What a page with lines has sent."""

    joined: str
    lines: list[Line]

    def condition(self, known: Collection[str]) -> Any:
        """None without any line. Raise ValidationError. `known` is what a line may count."""
        problems = [line.problem(known) for line in self.lines]
        if any(problems):
            raise ValidationError([f"Line {number}: {words}" for number, words in enumerate(problems, 1) if words])
        rows = [Row(line.what, int(line.amount), line.place) for line in self.lines if not line.is_blank]
        if not rows:
            return None
        try:
            return to_condition(Rows(self.joined if self.joined in JOINED else "one", rows))
        except UnclearRowsError as error:
            raise ValidationError(str(error)) from error


class ConditionWidget(forms.Widget):
    template_name = "admin/gamification/condition/builder.html"
    # What the page says of the condition, once somebody has asked.
    looked: Mapping[str, Any] | None = None
    more = BLANK

    class Media:
        js = [forms.Script("skillquest/condition.js", defer=True)]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if data.get(f"{name}_by") != LINES:
            return data.get(name)
        self.more = MORE if MORE_LINES in data else BLANK
        return Written(data.get(f"{name}_joined", ""), list(_lines_in(data, name)))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}_by" not in data

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> str:
        groups = [group for group in option_groups() if group[1]]
        known = {what for _group, options in groups for what, _words in options}
        shown = value if isinstance(value, Written) else _written_of(value, known)
        lines = shown.lines if shown else []
        filled = [line for line in lines if not line.is_blank]
        blanks = self.more if filled else self.more + 1
        context = {
            "name": name,
            "id": (attrs or {}).get("id", f"id_{name}"),
            "by_json": shown is None,
            "joined": shown.joined if shown else "one",
            "lines": [(line, line.problem(known)) for line in [*filled, *[Line()] * blanks]],
            "blank": Line(),
            "text": _json_of(value, known),
            "groups": groups,
            "joined_words": JOINED,
            "places": PLACES,
            "looked": self.looked,
        }
        return render_to_string(self.template_name, context)


class ConditionBuilderField(ConditionFormField):
    widget = ConditionWidget

    def to_python(self, value: Any) -> Any:
        return value.condition(known_options()) if isinstance(value, Written) else super().to_python(value)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data if isinstance(data, Written) else super().bound_data(data, initial)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, Written) else super().prepare_value(value)


def _lines_in(data: Mapping[str, Any], name: str) -> Iterator[Line]:
    count = data.get(f"{name}-lines", "")
    for number in range(min(int(count), MAX_LEAVES + MORE) if count.isdecimal() and len(count) < 4 else 0):
        what, amount, place = (data.get(f"{name}-{number}-{part}", "") for part in ("what", "amount", "place"))
        yield Line(what, amount.strip(), place or "one")


def _written_of(text: Any, known: Collection[str]) -> Written | None:
    """Of JSON; None where lines cannot show all of it."""
    try:
        condition = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    if condition is None:
        return Written("one", [])
    rows = to_rows(condition)
    if rows is None or not all(row.what in known for row in rows.rows):
        return None
    return Written(rows.joined, [Line(row.what, str(row.amount), row.place) for row in rows.rows])


def _json_of(value: Any, known: Collection[str]) -> str:
    if not isinstance(value, Written):
        return "" if value in (None, "null") else str(value)
    try:
        condition = value.condition(known)
    except ValidationError:
        return ""
    return "" if condition is None else json.dumps(condition, ensure_ascii=False)
