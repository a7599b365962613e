"""What a seeded bug is: an exact replacement in today's source, with tests that must see it."""

from dataclasses import dataclass

WALKS = ["tests/state_machine"]


@dataclass(frozen=True)
class Edit:
    file: str
    old: str
    new: str


@dataclass(frozen=True)
class SeededBug:
    """`tests` are pytest arguments. A bug that shows only where writers really run side by side, or only with Redis,
    needs the servers."""

    name: str
    edits: list[Edit]
    tests: list[str]
    on_servers: bool = False


def bug(name, file, old, new, *, tests, on_servers=False):
    return SeededBug(name, [Edit(file, old, new)], tests, on_servers)
