"""The OpenAPI document, and ways to look at it."""

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012


@pytest.fixture(scope="session")
def schema():
    return SchemaGenerator().get_schema(public=True)


@pytest.fixture(scope="session")
def operations(schema):
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def responses(operations, look_up):
    return [
        (f"{name} {status}", status, look_up(response))
        for name, operation in operations
        for status, response in operation["responses"].items()
    ]


@pytest.fixture(scope="session")
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
