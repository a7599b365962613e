"""The document as a whole."""

import re

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from skillquest.api.schema.documents import JSON

from .parts import parts_of


def test_generator_warns_of_nothing():
    GENERATOR_STATS.reset()  # tests of deprecations describe views of their own
    schema = SchemaGenerator().get_schema(public=True)
    assert GENERATOR_STATS._warn_cache == {}
    assert GENERATOR_STATS._error_cache == {}
    validate_schema(schema)
    assert schema["openapi"] == "3.1.0"


def test_every_path_is_described_once_under_its_main_address(schema):
    assert {path for path in schema["paths"] if not path.startswith("/api/v1/")} == set()
    assert "/api/v1/xp/history" in schema["paths"]
    assert "/api/v1/gamification/xp/history" not in schema["paths"]


def test_operation_ids_are_verbs_and_different(operations):
    ids = [operation["operationId"] for _, operation in operations]

    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", each)] == []
    assert {"completeLevel", "startSession", "endSession", "syncEvents", "login"} <= set(ids)


def test_patterns_are_what_every_generator_understands(schema):
    patterns = {part["pattern"] for part in parts_of(schema) if isinstance(part.get("pattern"), str)}

    assert patterns
    assert [pattern for pattern in patterns if "(?" in pattern or "\\Z" in pattern or "\\A" in pattern] == []


def test_no_pattern_says_the_opposite_of_its_validator(errors_of):
    assert (
        errors_of({"display_name": "Ana Lestari"}, {"$ref": "#/components/schemas/PatchedChangeAccountRequest"}) == []
    )


def test_bodies_have_one_content_type(operations):
    others = [
        name
        for name, operation in operations
        if "requestBody" in operation and list(operation["requestBody"]["content"]) != [JSON]
    ]
    assert others == []


def test_schema_is_the_same_each_time(schema):
    assert str(SchemaGenerator().get_schema(public=True)) == str(schema)


def test_every_operation_is_described_in_words(operations):
    assert [name for name, operation in operations if not operation.get("summary")] == []


def test_sections_follow_the_guide(schema, operations):
    sections = [tag["name"] for tag in schema["tags"]]
    assert sections[:5] == ["Account", "Levels", "Sessions", "Offline", "Challenges"]
    assert set(sections) == {tag for _, operation in operations for tag in operation["tags"]}


def first_example(schema, path):
    body = schema["paths"][f"/api/v1/{path}"]["post"]["requestBody"]["content"]["application/json"]
    return next(iter(body["examples"].values()))["value"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("path", ["levels/complete", "sync", "sessions/start", "training/progress/submit"])
def test_what_the_docs_are_prefilled_with_works_on_a_demo_server(schema, api, path):
    token = api.post("/api/v1/auth/login", first_example(schema, "auth/login")).json()["access_token"]
    answer = api.post(f"/api/v1/{path}", first_example(schema, path), headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.json()
    assert "rejected" not in [result["status"] for result in answer.json().get("results", [])]


@pytest.mark.parametrize("path", ["/api/v1/schema", "/api/schema/", "/api/v1/docs", "/api/docs/?script="])
def test_schema_and_docs_are_open_to_everybody(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert b"<style" not in answer.content
