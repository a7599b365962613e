"""Ways around in an OpenAPI document."""

from collections.abc import Iterator

JSON = "application/json"
REQUEST_ID = "0c6c5d1f5a4b4b0f9d2c7a1e8f3b6d90"  # an example
COMPONENT = "#/components/schemas/"


def reference(name: str) -> dict:
    return {"$ref": f"{COMPONENT}{name}"}


def name_of(schema: dict) -> str | None:
    """The component that a schema refers to."""
    return schema["$ref"].removeprefix(COMPONENT) if "$ref" in schema else None


def resolve(schema: dict, components: dict) -> dict:
    name = name_of(schema)
    return schema if name is None else resolve(components[name], components)


def references_in(node) -> Iterator[str]:
    """The names of all components that a part of the document refers to directly."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield name_of(node)
        for child in node.values():
            yield from references_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from references_in(child)


def reachable(node, components: dict) -> set[str]:
    """The names of all components that a part of the document refers to, directly or through others."""
    found, waiting = set(), list(references_in(node))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(references_in(components.get(name, {})))
    return found


def needs_sign_in(operation: dict) -> bool:
    return bool(operation["security"])


def takes_server_key(operation: dict) -> bool:
    return any("serverKey" in scheme for scheme in operation["security"])


def takes_idempotency_key(path: str, method: str, operation: dict) -> bool:
    return method == "post" and needs_sign_in(operation) and "/auth/" not in path


def successes(operation: dict) -> Iterator[tuple[str, dict]]:
    return ((status, response) for status, response in operation["responses"].items() if status < "300")
