"""One question of a file that an editor imports."""

from dataclasses import dataclass, field
from typing import Any


class UnreadableFileError(ValueError):
    """Nothing in the file can be read."""


@dataclass(frozen=True)
class FileRow:
    """With a `problem` it could not be read. Fields that `values` leaves out stay as they are."""

    where: str
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
