"""One change of many rows of a catalogue: what it does to each, told before it is done."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


class ChangedMeanwhileError(Exception):
    """What was shown is not what would be done now."""


@dataclass(frozen=True)
class BulkPlan:
    """`changed` are rows as they are now; `refused` take a second person, so each is changed on its own page."""

    fields: Mapping[str, Any]
    changed: Sequence[Any]
    refused: Sequence[Any] = ()
    unchanged: int = 0
    warnings: Sequence[str] = ()

    @property
    def fingerprint(self) -> str:
        """The same for the same changes of the same rows."""
        changes = [(row.pk, [getattr(row, name) for name in self.fields]) for row in self.changed]
        text = repr((sorted(self.fields.items()), changes, [row.pk for row in self.refused]))
        return sha256(text.encode()).hexdigest()[:32]

    def expect(self, shown: str) -> None:
        if shown != self.fingerprint:
            raise ChangedMeanwhileError


def differs(row: Model, fields: Mapping[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in fields.items())


def with_fields(row: Row, fields: Mapping[str, Any]) -> Row:
    """An unsaved copy that has these values."""
    changed = copy(row)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
