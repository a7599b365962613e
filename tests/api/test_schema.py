"""The document, complete: what a client is not told there, it cannot know."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
UNSAFE = {"post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="module")
def operations(schema):
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def needs_sign_in(operation):
    return {} not in operation["security"]


def test_generator_warns_of_nothing(schema):
    assert GENERATOR_STATS._warn_cache == {}
    assert GENERATOR_STATS._error_cache == {}
    validate_schema(schema)


def test_only_versioned_paths_are_described(schema):
    assert schema["paths"]
    assert {path for path in schema["paths"] if not path.startswith("/api/v1/")} == set()


def json_schemas(operations):
    """(where, schema) of every body of a success."""
    for name, operation in operations:
        for status, response in operation["responses"].items():
            if status < "400" and "application/json" in response.get("content", {}):
                yield f"{name} {status}", response["content"]["application/json"]["schema"]


def test_every_object_that_succeeds_says_so(operations):
    success = {"$ref": "#/components/schemas/Success"}
    silent = [
        where
        for where, schema in json_schemas(operations)
        if schema.get("type") != "array" and schema.get("allOf", [None])[0] != success
    ]
    assert silent == []


def test_every_error_is_a_problem(operations):
    others = [
        f"{name} {status}"
        for name, operation in operations
        for status, response in operation["responses"].items()
        if status >= "400" and list(response["content"]) != ["application/problem+json"]
    ]
    assert others == []


def test_every_operation_names_the_errors_that_all_share(operations):
    for name, operation in operations:
        declared = set(operation["responses"])
        assert {"429", "default"} <= declared, name
        assert "Retry-After" in operation["responses"]["429"]["headers"], name
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= declared, name
        if needs_sign_in(operation):
            assert "401" in declared, name
        if "{" in name:
            assert "404" in declared, name


def test_signed_in_posts_take_an_idempotency_key(operations):
    with_key = {
        name
        for name, operation in operations
        if "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", [])}
    }
    expected = {
        name
        for name, operation in operations
        if name.startswith("POST") and "/auth/" not in name and needs_sign_in(operation)
    }

    assert with_key == expected != set()
    for name, operation in operations:
        if name in with_key:
            assert {"409", "422"} <= set(operation["responses"]), name


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


def has_example(contents):
    """One way of writing it down is enough; a body that may come as a form is shown as JSON."""
    return any(content.get("examples") or content.get("example") for content in contents.values())


def test_every_body_has_an_example(operations):
    bare = [
        name
        for name, operation in operations
        if "requestBody" in operation and not has_example(operation["requestBody"]["content"])
    ]
    assert bare == []


def test_every_answer_has_an_example(operations):
    bare = [
        f"{name} {status}"
        for name, operation in operations
        for status, response in operation["responses"].items()
        if status < "400" and "content" in response and not has_example(response["content"])
    ]
    assert bare == []


def test_schema_is_the_same_each_time(schema):
    assert str(SchemaGenerator().get_schema(public=True)) == str(schema)


@pytest.mark.parametrize("path", ["/api/v1/schema", "/api/schema/", "/api/v1/docs", "/api/docs/?script="])
def test_schema_and_docs_are_open_to_everybody(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert b"<style" not in answer.content
