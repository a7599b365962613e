"""Every seeded bug still fits today's source; whether the tests see it is found out by `python -m tests.mutants`."""

import subprocess
import sys
from pathlib import Path

import pytest

from .planting import DoesNotFitError, mutated, plant
from .seeded_bugs import SEEDED_BUGS
from .seeding import Edit, SeededBug

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("bug", SEEDED_BUGS, ids=lambda bug: bug.name)
def test_a_bug_fits_the_source_and_knows_its_names(bug, tmp_path):
    """A bug that dies of a NameError would be seen by any test."""
    for number, (file, text) in enumerate(mutated(bug, ROOT).items()):
        assert text != file.read_text()
        (tmp_path / f"{number}.py").write_text(text)
    look = [Path(sys.executable).with_name("ruff"), "check", "--isolated", "--select", "E9,F821", tmp_path]
    found = subprocess.run(look, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("bug", SEEDED_BUGS, ids=lambda bug: bug.name)
def test_the_tests_named_for_a_bug_exist(bug):
    for test in bug.tests:
        path, _, name = test.partition("::")
        assert f"def {name}" in (ROOT / path).read_text() if name else (ROOT / path).exists()


def test_names_are_unique():
    assert len({bug.name for bug in SEEDED_BUGS}) == len(SEEDED_BUGS)


def test_a_bug_is_taken_out_again(tmp_path):
    (tmp_path / "sum.py").write_text("total = 1 + 1")
    bug = SeededBug("minus", [Edit("sum.py", "1 + 1", "1 - 1")], [])
    with plant(bug, tmp_path):
        assert (tmp_path / "sum.py").read_text() == "total = 1 - 1"
    assert (tmp_path / "sum.py").read_text() == "total = 1 + 1"


@pytest.mark.parametrize("source", ["nothing of the kind", "1 + 1 == 1 + 1"])
def test_a_bug_that_does_not_fit_raises_an_error(tmp_path, source):
    (tmp_path / "sum.py").write_text(source)
    with pytest.raises(DoesNotFitError, match="minus"):
        mutated(SeededBug("minus", [Edit("sum.py", "1 + 1", "1 - 1")], []), tmp_path)
