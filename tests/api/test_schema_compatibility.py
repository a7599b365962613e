"""Today's API does what the last released version promised, and the changelog names everything that is new."""

import json
import shutil
from copy import deepcopy
from datetime import UTC, date, datetime

import pytest
from drf_spectacular.generators import SchemaGenerator

from .compatibility import changelog as changelog_file
from .compatibility.changelog import ROOT, entries_of, read_changelog, read_released_schema, unreleased
from .compatibility.differences import Kind
from .compatibility.documents import compare_documents
from .compatibility.schemas import COMPARED, NOTES, keywords_of
from .update_api_changelog import update

UPDATE = "Run `python -m tests.api.update_api_changelog` and commit docs/api-changelog.json."


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="module")
def changelog():
    return read_changelog()


@pytest.fixture(scope="module")
def differences(changelog, schema):
    return compare_documents(read_released_schema(changelog), schema, today=datetime.now(UTC).date())


def texts(differences):
    return sorted(f"{each.kind}: {each}" for each in differences)


def test_nothing_breaks_the_clients_of_the_last_released_version(differences):
    breaks = texts(each for each in differences if each.kind == Kind.BREAK)
    assert breaks == [], "Clients of the last released version would fail; docs/api.md says what may change."


def test_changelog_names_exactly_what_is_new(changelog, differences):
    found = {each for each in differences if each.kind != Kind.BREAK}
    named = set(entries_of(unreleased(changelog)))
    assert texts(found - named) == [], f"docs/api-changelog.json does not name it. {UPDATE}"
    assert texts(named - found) == [], f"docs/api-changelog.json names what is not there. {UPDATE}"


def test_every_released_version_has_a_date_and_its_schema(changelog):
    first, *released = changelog["versions"]
    assert (first["date"], first["schema"]) == (None, None)
    assert released == sorted(released, key=lambda version: version["date"], reverse=True)
    for version in released:
        assert (ROOT / "docs" / version["schema"]).name == f"{version['version']}.json.gz"
        assert (ROOT / "docs" / version["schema"]).is_file()


def test_a_release_saves_the_schema_and_begins_another_version(tmp_path, monkeypatch, changelog, schema):
    monkeypatch.setattr(changelog_file, "CHANGELOG", tmp_path / "api-changelog.json")
    (tmp_path / "api-schemas").mkdir()

    after = changelog_file.released(deepcopy(changelog), "0.9.0", date(2026, 12, 1), schema)

    first, second, *others = after["versions"]
    assert (first["version"], first["date"], first["additions"]) == ("unreleased", None, {})
    assert (second["version"], second["date"], second["schema"]) == ("0.9.0", "2026-12-01", "api-schemas/0.9.0.json.gz")
    assert [version["version"] for version in others] == [version["version"] for version in changelog["versions"][1:]]
    assert compare_documents(read_released_schema(after), schema, today=date(2026, 12, 1)) == []


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The files of the changelog, in a folder of the test."""
    shutil.copytree(ROOT / "docs" / "api-schemas", tmp_path / "api-schemas")
    shutil.copy(changelog_file.CHANGELOG, tmp_path)
    monkeypatch.setattr(changelog_file, "CHANGELOG", tmp_path / "api-changelog.json")
    return tmp_path / "api-changelog.json"


def test_the_command_names_what_is_new(copy):
    before = json.loads(copy.read_text())
    before["versions"][0]["additions"] = {"listLevels": ["something that is not there"]}
    copy.write_text(json.dumps(before))
    assert update(None) == 0
    assert copy.read_text() == (ROOT / "docs" / "api-changelog.json").read_text()


def test_the_command_writes_nothing_where_a_client_would_break(copy, schema, capsys):
    released = json.loads(json.dumps(schema))
    released["components"]["schemas"]["Level"]["properties"]["colour"] = {"type": "string"}
    changelog = changelog_file.released(read_changelog(), "9.9.9", date(2026, 12, 1), released)
    changelog_file.write_changelog(changelog)
    before = copy.read_text()
    assert update(None) == 1
    assert copy.read_text() == before
    assert "BREAKS CLIENTS  Level: answer `colour` is gone" in capsys.readouterr().out


def test_comparison_knows_every_keyword_of_the_schema(schema, changelog):
    for document in (schema, read_released_schema(changelog)):
        parts = [*document["components"]["schemas"].values()]
        parts += [
            parameter["schema"]
            for methods in document["paths"].values()
            for operation in methods.values()
            for parameter in operation.get("parameters", [])
        ]
        assert set().union(*map(keywords_of, parts)) - COMPARED - NOTES == set()


def test_whatever_is_deprecated_says_until_when(schema):
    """Whoever uses `extend_schema(deprecated=True)` instead of `@deprecated` sends no headers."""
    operations = [operation for methods in schema["paths"].values() for operation in methods.values()]
    assert [each["operationId"] for each in operations if each.get("deprecated") and "x-sunset" not in each] == []


def test_comparison_finds_fields_and_values_that_are_removed_from_the_real_schema(changelog):
    released = read_released_schema(changelog)
    for name, removed in list(removals(released["components"]["schemas"]))[::9]:
        schemas = {**released["components"]["schemas"], name: removed}
        today = {**released, "components": {**released["components"], "schemas": schemas}}
        found = compare_documents(released, today, today=datetime.now(UTC).date())
        assert Kind.BREAK in {each.kind for each in found}, (name, removed)


def removals(schemas):
    """Each schema without each of its fields and values."""
    for name, part in schemas.items():
        for field in part.get("properties", {}):
            properties = {each: value for each, value in part["properties"].items() if each != field}
            yield name, {**part, "properties": properties}
        for value in part.get("enum", []):
            yield name, {**part, "enum": [each for each in part["enum"] if each != value]}
