"""Running the two commands on files of a test."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import LevelFactory

WHEN = "2023-05-02T10:00:00+00:00"


@pytest.fixture
def catalogue(db):
    """Two levels; of the first 500 of 1000 points pass."""
    return [
        LevelFactory(level_id="first", number=1, max_score=1000, pass_score=500, xp_reward=100, category="basics"),
        LevelFactory(level_id="second", number=2, name="The second", category="basics"),
    ]


@pytest.fixture
def write_lines(tmp_path):
    """`write_lines({...}, {...})` returns the path of a file of JSON Lines."""

    def write(*lines, name="history.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    return write


@pytest.fixture
def run_import(catalogue):
    """`run_import(path, "--apply")` returns what was printed, with the error at its end if there was one."""

    def run(path, *options, source="old"):
        out = StringIO()
        try:
            call_command("import_history", path, "--source", source, *options, stdout=out, stderr=StringIO())
        except CommandError as error:
            out.write(f"error: {error}\n")
        return out.getvalue().splitlines()

    return run


def learner(external_id="m-1", **fields):
    return {"kind": "learner", "external_id": external_id, **fields}


def opening_xp(amount, external_id="m-1", **fields):
    return {"kind": "opening_xp", "external_id": external_id, "amount": amount, "date": "2023-05-01", **fields}


def completion(level="first", score=600, external_id="m-1", **fields):
    return {
        "kind": "completion",
        "external_id": external_id,
        "level": level,
        "score": score,
        "occurred_at": WHEN,
        **fields,
    }
