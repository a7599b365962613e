"""What each number of a version means, for staff who edit it, and what one version changes against another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Number:
    """One value of a version. `path` leads to it: "formula.base" is rules["formula"]["base"].

    Versions from before there was this number have its `default`.
    """

    path: str
    words: str
    kind: str = "whole"  # or factor, curve, titles
    least: int = 0
    most: int = 1_000_000
    optional: bool = False
    default: int | None = None

    @property
    def field_name(self) -> str:
        """Of the form in which staff edit it."""
        return self.path.replace(".", "__")

    def read(self, numbers: dict[str, Any]) -> Any:
        value: Any = numbers
        for key in self.path.split("."):
            if key not in value and self.default is not None:
                return self.default
            value = value[key]
        return value

    def write(self, numbers: dict[str, Any], value: Any) -> None:
        *way, last = self.path.split(".")
        for key in way:
            numbers = numbers.setdefault(key, {})
        numbers[last] = value


@dataclass(frozen=True)
class Difference:
    path: str
    words: str
    before: str
    after: str


def differences(numbers: Iterable[Number], before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """What changes from one version to another, in the order of `numbers`."""
    return [
        Difference(number.path, number.words, *shown)
        for number in numbers
        if (shown := [as_text(number.read(before)), as_text(number.read(after))])[0] != shown[1]
    ]


def as_text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(f"{level} {title}" for level, title in value)
    return "" if value is None else str(value)


def with_values(numbers: Iterable[Number], version: dict[str, Any]) -> Iterator[tuple[Number, str]]:
    """Each number with its value in a version."""
    for number in numbers:
        yield number, as_text(number.read(version))
