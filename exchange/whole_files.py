"""What a row has to know of the other rows of its file."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .reading.rows import Fault, shortened

if TYPE_CHECKING:
    from .resources import ExchangeResource


class WholeFile:
    """`numbers` are the numbers of rows by key; `values` the values of each key that others are compared with."""

    def __init__(self, resource: "ExchangeResource", rows: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        self.resource = resource
        self.numbers: dict[str, int] = {}
        self.values: dict[str, dict[str, Any]] = {}
        self._first: dict[tuple[str, Any], int] = {}
        wanted = [resource.key, *resource.unique, *resource.whole_columns]
        for number, cells in rows:
            values, _ = resource.cleaned({name: cells[name] for name in wanted if name in cells})
            self._add(number, values)

    def _add(self, number: int, values: dict[str, Any]) -> None:
        key = self.resource.key_of(values.get(self.resource.key) or "")
        if key:
            self.numbers.setdefault(key, number)
            self.values.setdefault(key, values)
        for column in self.resource.unique:
            value = self.resource.comparable(column, values.get(column))
            if value not in (None, ""):
                self._first.setdefault((column, value), number)

    def twice(self, number: int, values: Mapping[str, Any]) -> list[Fault]:
        """Values of unique columns that a row above has, too."""
        faults = []
        for column in self.resource.unique:
            first = self._first.get((column, self.resource.comparable(column, values.get(column))), number)
            if first != number:
                word = shortened(str(values[column]))
                faults.append(Fault(column, f"“{word}” is given in row {first}, too."))
        return faults

    def gives_up(self, key: str, column: str, value: Any) -> bool:
        """Whether the file gives the stored row with this key another value."""
        values = self.values.get(key, {})
        return column in values and bool(self.resource.comparable(column, values[column]) != value)
