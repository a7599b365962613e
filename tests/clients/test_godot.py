"""The example for Godot can be parsed, and follows the style of GDScript."""

import shutil
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "godot"

pytestmark = pytest.mark.skipif(
    not (shutil.which("gdparse") and shutil.which("gdlint")),
    reason="NO GDTOOLKIT, SO THE EXAMPLE FOR GODOT WAS NOT PARSED. pip install gdtoolkit",
)


@pytest.mark.parametrize("tool", ["gdparse", "gdlint"])
def test_example_for_godot_is_valid(run, tool):
    run(tool, *EXAMPLE.glob("*.gd"))
