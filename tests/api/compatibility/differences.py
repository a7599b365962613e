"""What a comparison of two OpenAPI documents finds."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    ADDITION = "additions"
    CHANGE = "changes"
    DEPRECATION = "deprecations"
    REMOVAL = "removals"
    BREAK = "breaks"


class Direction(StrEnum):
    """A request may be accepted more widely than before, an answer may say more than before; not the other way."""

    REQUEST = "request"
    ANSWER = "answer"


@dataclass(frozen=True, order=True)
class Difference:
    """`subject` is an operation id, or the name of a schema that several operations share."""

    kind: Kind
    subject: str
    what: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.what}"


@dataclass(frozen=True)
class Place:
    """Where in a document a comparison is: a subject, a direction, and the names of fields down to it."""

    subject: str
    direction: Direction
    names: tuple[str, ...] = ()

    def down(self, name: str) -> "Place":
        return replace(self, names=(*self.names, name))

    def difference(self, kind: Kind, what: str) -> Difference:
        return Difference(kind, self.subject, " ".join([self.direction, *self.field, what]))

    @property
    def field(self) -> list[str]:
        return [f"`{'.'.join(self.names)}`"] if self.names else []
