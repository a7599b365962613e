import pytest

from levels.errors import LevelLocked
from tests.factories import LevelFactory


@pytest.mark.parametrize(
    ("flags", "missing", "reason", "sentence"),
    [
        ({"coming_soon": True}, [], "coming_soon", "“The Maze” is coming soon."),
        ({"unlocked": False}, [], "not_unlocked", "“The Maze” is not open yet."),
        ({}, ["One", "Two"], "prerequisites", "“The Maze” is locked. Pass first: “One”, “Two”."),
    ],
)
def test_a_locked_level_says_why(flags, missing, reason, sentence):
    level = LevelFactory.build(name="The Maze", **flags)
    needed = [LevelFactory.build(level_id=name.lower(), name=name) for name in missing]
    error = LevelLocked(level, needed)
    assert (error.status_code, error.get_codes(), str(error.detail)) == (403, "level_locked", sentence)
    assert error.extra == {
        "reason": reason,
        "missing": [{"level_id": name.lower(), "name": name} for name in missing],
    }
