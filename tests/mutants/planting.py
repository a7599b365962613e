"""Put a seeded bug into a tree, and take it out again."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from .seeding import SeededBug


class DoesNotFitError(Exception):
    """The source has changed: the text that a bug replaces is not there exactly once."""


def mutated(bug: SeededBug, tree: Path) -> dict[Path, str]:
    """The files as they are with the bug in them. Raises DoesNotFitError."""
    texts = {}
    for edit in bug.edits:
        file = tree / edit.file
        text = texts.get(file) or file.read_text()
        if text.count(edit.old) != 1:
            raise DoesNotFitError(f"“{bug.name}” finds {text.count(edit.old)} times in {edit.file}: {edit.old}")
        texts[file] = text.replace(edit.old, edit.new)
    return texts


@contextlib.contextmanager
def plant(bug: SeededBug, tree: Path) -> Iterator[None]:
    texts = mutated(bug, tree)
    sound = {file: file.read_text() for file in texts}
    try:
        for file, text in texts.items():
            file.write_text(text)
        yield
    finally:
        for file, text in sound.items():
            file.write_text(text)
