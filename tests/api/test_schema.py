"""The document, complete: what a client is not told there, it cannot know."""

import re

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from rest_framework.exceptions import APIException

from skillquest.api.schema.documents import JSON
from skillquest.api.schema.problems import PROBLEM_TYPE, TYPED

# Errors that only pages and the admin meet.
NOT_IN_THE_API = {
    "already_decided",
    "delta_out_of_range",
    "not_a_draft",
    "not_published",
    "not_reversible",
    "other_rules_in_force",
    "own_request",
}


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


@pytest.fixture(scope="module")
def look_up(schema):
    """`look_up(part)` -> the part itself, or what its `$ref` refers to."""

    def look_up(part):
        found = part
        while "$ref" in found:
            _, *names = found["$ref"].split("/")
            found = schema
            for name in names:
                found = found[name]
        return found

    return look_up


@pytest.fixture(scope="module")
def responses(operations, look_up):
    return [
        (f"{name} {status}", status, look_up(response))
        for name, operation in operations
        for status, response in operation["responses"].items()
    ]


@pytest.fixture(scope="module")
def errors_of(schema):
    """`errors_of(value, schema)` -> what keeps a value from being valid, as texts."""
    registry = Registry().with_resource("api:", Resource(contents=schema, specification=DRAFT202012))

    def errors_of(value, part):
        # As if the part stood in the document itself.
        part = {"$ref": f"api:{part['$ref']}"} if "$ref" in part else absolute(part)
        validator = Draft202012Validator(part, registry=registry, format_checker=FormatChecker())
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    return errors_of


def absolute(part):
    if isinstance(part, dict):
        return {key: f"api:{value}" if key == "$ref" else absolute(value) for key, value in part.items()}
    return [absolute(each) for each in part] if isinstance(part, list) else part


def needs_sign_in(operation):
    return {} not in operation["security"]


def examples_of(content):
    return [content["example"]] if "example" in content else [each["value"] for each in content["examples"].values()]


def parts_of(node):
    """Every object inside a part of the document, the part first."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts_of(child)


# --- The document as a whole ------------------------------------------------------------------------------------------


def test_generator_warns_of_nothing(schema):
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


# --- Requests ---------------------------------------------------------------------------------------------------------


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
            assert {"400", "409", "422"} <= set(operation["responses"]), name


def test_user_id_is_declared_wherever_it_is_accepted(operations, look_up):
    bodies = {
        name: look_up(operation["requestBody"]["content"][JSON]["schema"])
        for name, operation in operations
        if "requestBody" in operation and needs_sign_in(operation)
    }
    public = {
        name: look_up(operation["requestBody"]["content"][JSON]["schema"])
        for name, operation in operations
        if "requestBody" in operation and not needs_sign_in(operation)
    }

    assert {name for name, body in bodies.items() if "user_id" not in body["properties"]} == set()
    assert {name for name, body in public.items() if "user_id" in body["properties"]} == set()


def test_user_id_is_declared_in_each_event_of_a_batch(schema):
    components = schema["components"]["schemas"]
    for event in ["LevelCompletionEventRequest", "SessionEventRequest"]:
        assert components[event]["properties"]["user_id"]["type"] == "integer"


# --- Answers ----------------------------------------------------------------------------------------------------------


def answers(responses):
    """(where, content) of every body of a success."""
    return [
        (where, response["content"][JSON])
        for where, status, response in responses
        if status < "300" and JSON in response.get("content", {})
    ]


def test_every_object_that_succeeds_says_so(responses, look_up):
    for where, content in answers(responses):
        answer = look_up(content["schema"])
        assert answer["properties"]["success"] == {"type": "boolean", "const": True}, where
        assert "success" in answer["required"], where


def test_every_field_of_an_answer_is_required(responses, look_up):
    """Metadata and errors by field apart, which are objects with free names."""
    for where, content in answers(responses):
        waiting, seen = [content["schema"]], []
        while waiting:
            part = look_up(waiting.pop())
            if part in seen:
                continue
            seen.append(part)
            waiting += [each for each in parts_of(part) if "$ref" in each]
            if "properties" in part and part is not look_up({"$ref": "#/components/schemas/Problem"}):
                assert set(part["required"]) == set(part["properties"]), (where, part)


def test_every_answer_declares_its_headers(responses):
    common = {"X-Request-ID", "RateLimit", "RateLimit-Policy"}
    for where, status, response in responses:
        headers = set(response["headers"])
        assert common <= headers, where
        assert ("Retry-After" in headers) == (status in {"429", "503"}), where
        assert ("WWW-Authenticate" in headers) == (status == "401"), where


def test_answers_to_keys_say_whether_they_are_repeated(operations):
    for name, operation in operations:
        with_key = "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", [])}
        for status, response in operation["responses"].items():
            if status < "300":
                assert ("Idempotent-Replayed" in response["headers"]) == with_key, name


def test_answers_with_a_version_declare_etag_and_304(operations):
    with_304 = {name for name, operation in operations if "304" in operation["responses"]}

    assert with_304 == {
        "GET /api/v1/badges/{id}",
        "GET /api/v1/challenges/{id}",
        "GET /api/v1/gamification/leaderboard/{metric}",
        "GET /api/v1/gamification/leaderboard/{metric}/rank",
        "GET /api/v1/leaderboard",
        "GET /api/v1/levels",
        "GET /api/v1/levels/{id}",
    }
    for name, operation in operations:
        if name in with_304:
            assert "ETag" in operation["responses"]["200"]["headers"], name
            assert "If-None-Match" in {parameter["name"] for parameter in operation["parameters"]}, name


# --- Problems ---------------------------------------------------------------------------------------------------------


def test_every_error_is_a_problem(responses):
    assert [
        where for where, status, each in responses if status >= "400" and list(each["content"]) != [PROBLEM_TYPE]
    ] == []


def test_every_operation_names_the_errors_that_all_share(operations):
    for name, operation in operations:
        declared = set(operation["responses"])
        assert {"429", "503", "default"} <= declared, name
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= declared, name
        if needs_sign_in(operation):
            assert "401" in declared, name
        if "{" in name:
            assert "404" in declared, name


def project_errors(error=APIException):
    for each in error.__subclasses__():
        if each.__module__.split(".")[0] in {"skillquest", "tracking", "gamification", "levels", "catalogues"}:
            yield each
        yield from project_errors(each)


def test_code_is_an_enumeration_of_every_error(schema):
    codes = set(schema["components"]["schemas"]["ProblemCode"]["enum"]) | set(TYPED)

    assert {error.default_code for error in project_errors()} - codes == NOT_IN_THE_API
    assert {"invalid", "parse_error", "throttled", "not_authenticated", "permission_denied", "not_found"} <= codes


def test_problems_with_more_members_are_typed(schema):
    locked = schema["components"]["schemas"]["LevelLockedProblem"]

    assert locked["properties"]["code"] == {"type": "string", "const": "level_locked"}
    assert {"missing", "reason"} <= set(locked["required"])
    assert locked["properties"]["missing"]["items"] == {"$ref": "#/components/schemas/MissingLevel"}


def test_examples_of_problems_have_declared_members_only(responses, schema, look_up):
    plain = set(schema["components"]["schemas"]["Problem"]["properties"])
    for where, status, response in responses:
        if status >= "400":
            for example in examples_of(response["content"][PROBLEM_TYPE]):
                name, _ = TYPED.get(example["code"], ("Problem", {}))
                declared = set(look_up({"$ref": f"#/components/schemas/{name}"})["properties"])
                assert set(example) <= declared, where
                assert plain - {"errors"} <= declared


# --- Words and examples -----------------------------------------------------------------------------------------------


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


def bodies(operations, responses):
    """(where, content) of every body, of requests and of responses."""
    requests = [(name, operation["requestBody"]) for name, operation in operations if "requestBody" in operation]
    for where, body in [*requests, *((where, response) for where, _, response in responses)]:
        for content in body.get("content", {}).values():
            yield where, content


def test_every_body_has_an_example(operations, responses):
    assert [where for where, content in bodies(operations, responses) if not examples_of(content)] == []


def test_every_example_fits_its_own_schema(operations, responses, errors_of):
    wrong = {
        where: errors
        for where, content in bodies(operations, responses)
        for example in examples_of(content)
        if (errors := errors_of(example, content["schema"]))
    }
    assert wrong == {}


def test_examples_of_errors_have_the_status_under_which_they_stand(responses):
    for where, status, response in responses:
        if "400" <= status < "600":
            assert {str(each["status"]) for each in examples_of(response["content"][PROBLEM_TYPE])} == {status}, where


def test_examples_of_fields_and_parameters_fit_too(schema, operations, errors_of):
    parts = [*parts_of(schema["components"]["schemas"])]
    parts += [parameter for _, operation in operations for parameter in operation.get("parameters", [])]
    wrong = {
        str(part): errors
        for part in parts
        if "example" in part and (errors := errors_of(part["example"], part.get("schema", part)))
    }
    assert wrong == {}


@pytest.mark.parametrize("path", ["/api/v1/schema", "/api/schema/", "/api/v1/docs", "/api/docs/?script="])
def test_schema_and_docs_are_open_to_everybody(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert b"<style" not in answer.content
