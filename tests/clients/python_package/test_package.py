"""The package as a whole: its types, its results against the schema, its README."""

import dataclasses
import os
import re
import subprocess
import sys
import types
import typing
from datetime import date, datetime
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from skillquest_client import plays, results
from skillquest_client.decoding import decode, plain
from skillquest_client.errors import NotUnderstoodError

from tests.clients.conftest import CACHE
from tests.machines.keys import make_key

PACKAGE = Path(__file__).resolve().parents[3] / "clients" / "python"
SOURCES = PACKAGE / "src" / "skillquest_client"
README = (PACKAGE / "README.md").read_text()
COMPONENTS = {
    results.Factor: "XpFactor",
    results.Streak: "Streak",
    results.UnlockedAchievement: "UnlockedAchievement",
    results.UnlockedBadge: "UnlockedBadge",
    results.Entry: "Entry",
    results.Reward: "TakenEvent",
    results.Completion: "CompleteAnswer",
    results.Session: "StartAnswer",
    results.EndedSession: "EndAnswer",
    plays.Play: "Play",
    plays.Hint: "TakenHint",
    plays.Verdict: "AnswerVerdict",
    plays.FinishedPlay: "FinishedPlay",
    results.Attempt: "StartedAttempt",
    results.SubmittedAttempt: "SubmittedAttempt",
    results.TrainingResult: "TrainingAnswer",
    results.MetricResult: "MetricAnswer",
    results.Linked: "Linked",
    results.CheckIn: "CheckInAnswer",
    results.Totals: "PlayerLevel",
    results.LedgerEntry: "LedgerEntry",
    results.Level: "Level",
    results.Me: "Account",
    results.EventWarning: "Warning",
    results.SavedLearner: "SavedLearner",
    results.LearnerStatus: "LearnerStatus",
    results.LearnerStreak: "LearnerStreak",
    results.LearnerAchievement: "LearnerAchievement",
    results.LearnerBadge: "LearnerBadge",
    results.ShortToken: "ShortToken",
    results.ClaimLink: "ClaimLink",
}
JSON_TYPES = {int: {"integer"}, str: {"string"}, bool: {"boolean"}, datetime: {"string"}, date: {"string"}}


@pytest.fixture(scope="module")
def schemas():
    return SchemaGenerator().get_schema(public=True)["components"]["schemas"]


def json_types(part, schemas):
    """The types that a value may have."""
    if "$ref" in part:
        return json_types(schemas[part["$ref"].rpartition("/")[-1]], schemas)
    if alternatives := part.get("oneOf", part.get("allOf")):
        return set().union(*(json_types(each, schemas) for each in alternatives))
    return set(part["type"]) if isinstance(part["type"], list) else {part["type"]}


def expected_types(hint):
    origin = typing.get_origin(hint)
    if origin is types.UnionType:
        return set().union(*map(expected_types, typing.get_args(hint)))
    if hint is types.NoneType:
        return {"null"}
    return {"array"} if origin is list else JSON_TYPES.get(hint, {"object"})


def test_results_are_what_the_schema_promises(schemas):
    for kind, name in COMPONENTS.items():
        component = schemas[name]
        for field, hint in typing.get_type_hints(kind).items():
            assert field in component["required"], (kind, field)
            if hint is typing.Any:
                continue
            assert json_types(component["properties"][field], schemas) == expected_types(hint), (kind, field)


def test_every_result_is_compared_with_the_schema():
    kinds = {each for each in vars(results).values() if dataclasses.is_dataclass(each)}
    assert {kind for kind in kinds if kind.__module__ == results.__name__} - set(COMPONENTS) == {results.Outcome}


@dataclasses.dataclass
class Part:
    name: str


@dataclasses.dataclass
class Whole:
    count: int
    at: datetime
    day: date
    parts: list[Part]
    note: str | None
    free: dict[str, object]
    extra: int = 7


WHOLE = {
    "count": 3.0,
    "at": "2026-11-28T10:00:00.5Z",
    "day": "2026-11-28",
    "parts": [{"name": "a", "unknown": 1}],
    "note": None,
    "free": {"a": [1]},
    "unknown": "ignored",
}


def test_answers_become_dataclasses_and_unknown_fields_are_ignored():
    whole = decode(Whole, WHOLE)
    assert (whole.count, type(whole.count), whole.note, whole.extra) == (3, int, None, 7)
    assert (whole.at.isoformat(), whole.day) == ("2026-11-28T10:00:00.500000+00:00", date(2026, 11, 28))
    assert (whole.parts, whole.free) == ([Part("a")], {"a": [1]})


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2026-11-28T10:00:00Z", "2026-11-28T10:00:00+00:00"),
        ("2026-11-28T10:00:00.5Z", "2026-11-28T10:00:00.500000+00:00"),
        ("2026-11-28T10:00:00.123456789+07:00", "2026-11-28T10:00:00.123456+07:00"),
    ],
)
def test_moments_are_written_as_python_3_10_reads_them(sent, read):
    assert plain(sent) == read


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count": "3"}, "Whole.count is str instead of int"),
        ({"count": True}, "Whole.count is bool instead of int"),
        ({"count": None}, "Whole.count is NoneType instead of int"),
        ({"at": "yesterday"}, "Whole.at is no datetime"),
        ({"parts": [{}]}, "no Whole.parts.name"),
        ({"parts": {}}, "Whole.parts is dict instead of list"),
        ({"note": 1}, "Whole.note is int instead of str"),
    ],
)
def test_an_answer_without_what_was_promised_is_an_error(changes, message):
    with pytest.raises(NotUnderstoodError, match=message):
        decode(Whole, WHOLE | changes)


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def blocks():
    return re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_package_and_readme_are_strictly_typed(tmp_path):
    (tmp_path / "readme.py").write_text("\n\n".join(blocks()))
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nstrict = true\nmypy_path = {PACKAGE / 'src'}\n")
    mypy = Path(sys.executable).parent / "mypy"
    options = [
        "--config-file",
        tmp_path / "mypy.ini",
        "--cache-dir",
        CACHE / "mypy-package",
        "--python-version",
        "3.10",
    ]
    run(mypy, *options, SOURCES, tmp_path / "readme.py")
    assert (SOURCES / "py.typed").is_file()


@pytest.mark.usefixtures("demo")
def test_readme_works_as_it_is(live_server, tmp_path):
    device, server, _ = blocks()
    script = (device + server).replace("http://127.0.0.1:8000", live_server.url)
    environment = os.environ | {"PYTHONPATH": str(PACKAGE / "src"), "SKILLQUEST_KEY": make_key()[1]}
    printed = run(sys.executable, "-c", script, cwd=tmp_path, env=environment)
    assert re.fullmatch(r"\+\d+ XP, \d+ in all\n1 sent, 0 waiting, None\nverified\n3 sent\n", printed)


def test_package_imports_httpx_and_the_standard_library_only():
    imported = set()
    for source in SOURCES.glob("*.py"):
        imported |= set(re.findall(r"^(?:import|from) (\w+)", source.read_text(), re.MULTILINE))
    assert imported - sys.stdlib_module_names == {"httpx"}


def test_files_are_short():
    assert [source.name for source in SOURCES.glob("*.py") if len(source.read_text().splitlines()) > 280] == []
