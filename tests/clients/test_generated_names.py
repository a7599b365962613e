"""What generators of clients make of the schema can be read: names of operations, and a type for every body."""

import re

import pytest
from drf_spectacular.generators import SchemaGenerator

VERBS = {
    *(
        "answer",
        "award",
        "change",
        "check",
        "complete",
        "create",
        "delete",
        "end",
        "enter",
        "erase",
        "explain",
        "export",
        "finish",
        "freeze",
        "get",
    ),
    *("issue", "link", "list", "load", "login", "logout", "record", "refresh", "register", "request", "reset", "save"),
    *("start", "submit", "sync", "take", "update"),
}
# What whoever sends it chooses, and rows as they are stored, to which columns are added.
FREE = re.compile(r"\w+\.metadata|Export\..+")


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="module")
def operations(schema):
    return [operation for methods in schema["paths"].values() for operation in methods.values()]


def words_of(name):
    return re.findall(r"[A-Z]?[a-z]+", name)


def test_operations_are_named_by_a_verb_and_what_it_is_about(operations):
    for operation in operations:
        verb, *rest = words_of(operation["operationId"])
        assert verb in VERBS, operation["operationId"]
        assert rest or verb in {"login", "logout", "register"}, operation["operationId"]
        assert len(rest) <= 5, operation["operationId"]


def test_names_say_nothing_of_how_the_server_is_made(schema, operations):
    names = [operation["operationId"] for operation in operations] + list(schema["components"]["schemas"])
    assert [name for name in names if set(words_of(name)) & {"Serializer", "View", "Api", "Viewset"}] == []
    # A number at the end is what generators add to names that they find twice.
    assert [name for name in names if re.search(r"\d$|[0-9a-f]{3}Enum$", name)] == []


def untyped(part, where):
    """(where, part) of each schema below that says nothing about its values."""
    if "$ref" in part:
        return
    inside = [(f"{where}.{name}", each) for name, each in part.get("properties", {}).items()]
    inside += [(where, each) for key in ("oneOf", "anyOf", "allOf") for each in part.get(key, [])]
    inside += [(f"{where}.[]", part["items"])] if "items" in part else []
    free = part.get("additionalProperties")
    inside += [(f"{where}.*", free)] if isinstance(free, dict) and free else []
    says_something = inside or "enum" in part or "const" in part or part.get("type") not in (None, "object")
    if not says_something:
        yield where, part
    for name, each in inside:
        yield from untyped(each, name)


def test_no_body_is_untyped(schema, operations):
    found = []
    for operation in operations:
        for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for content in body.get("content", {}).values():
                found += untyped(content["schema"], operation["operationId"])
    for name, part in schema["components"]["schemas"].items():
        found += untyped(part, name)
    assert [(where, part) for where, part in found if not FREE.fullmatch(where)] == []


def test_every_success_with_a_body_says_what_it_is(operations):
    for operation in operations:
        for status, response in operation["responses"].items():
            if "200" <= status < "300" and status != "204":
                assert response.get("content"), (operation["operationId"], status)
