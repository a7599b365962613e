"""What successful answers have in common: `success`, fields that are always sent, and headers."""

from collections import Counter

from .documents import (
    JSON,
    REQUEST_ID,
    name_of,
    reachable,
    reference,
    references_in,
    resolve,
    successes,
    takes_idempotency_key,
)

SUCCESS = {"type": "boolean", "const": True}

HEADERS = {
    "X-Request-ID": {
        "description": "Finds the request in our logs; the one that was sent, or a new one.",
        "schema": {"type": "string"},
        "example": REQUEST_ID,
    },
    "RateLimit": {
        "description": "Of the tightest limit: requests left (`r`), and seconds until it starts again (`t`).",
        "schema": {"type": "string"},
        "example": '"write";r=59;t=60',
    },
    "RateLimit-Policy": {
        "description": "The same limit: requests (`q`) in so many seconds (`w`).",
        "schema": {"type": "string"},
        "example": '"write";q=60;w=60',
    },
    "ETag": {
        "description": "The version of the answer. Send it as `If-None-Match` to get a 304 while nothing has changed.",
        "schema": {"type": "string"},
        "example": '"5e0b-17"',
    },
    "Idempotent-Replayed": {
        "description": "Only where this is the answer to an earlier request with the same `Idempotency-Key`.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {
        "description": "Seconds to wait before the next request.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 42,
    },
    "Deprecation": {
        "description": "Since when the operation is deprecated (RFC 9745): seconds since 1970.",
        "required": True,
        "schema": {"type": "string"},
        "example": "@1796083200",
    },
    "Sunset": {
        "description": "When the operation may be gone (RFC 8594).",
        "required": True,
        "schema": {"type": "string"},
        "example": "Tue, 01 Jun 2027 00:00:00 GMT",
    },
    "Link": {
        "description": 'Where the deprecation is described (`rel="deprecation"`).',
        "required": True,
        "schema": {"type": "string"},
        "example": '</api/v1/docs>; rel="deprecation"; type="text/html"',
    },
    "WWW-Authenticate": {"required": True, "schema": {"type": "string"}, "example": "Bearer"},
}
ON_EVERY_ANSWER = ("X-Request-ID", "RateLimit", "RateLimit-Policy")
OF_DEPRECATED_OPERATIONS = ("Deprecation", "Sunset", "Link")

IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "The `ETag` of an answer that the client has kept.",
    "schema": {"type": "string"},
}


def require_sent_fields(paths: dict, components: dict) -> None:
    """A serializer sends all of its fields, also those that it does not require when it reads.

    The extension `x-not-always-sent` of a serializer names those that it does not.
    """
    operations = [operation for methods in paths.values() for operation in methods.values()]
    answers = [response for operation in operations for _, response in successes(operation)]
    requests = [operation.get("requestBody", {}) for operation in operations]
    for name in (reachable(answers, components) - reachable(requests, components)) & components.keys():
        if components[name].get("type") == "object":
            properties = components[name].get("properties", {})
            not_always = components[name].pop("x-not-always-sent", [])
            components[name] |= {
                "properties": {field: without_read_only(part) for field, part in properties.items()},
                "required": [field for field in properties if field not in not_always],
            }


def without_read_only(part: dict) -> dict:
    """Answers have components of their own, so it says nothing there, and hides a reference in an `allOf`."""
    plain = {key: value for key, value in part.items() if key != "readOnly"}
    return plain["allOf"][0] if list(plain) == ["allOf"] and len(plain["allOf"]) == 1 else plain


def declare_success(paths: dict, components: dict) -> None:
    """Put `success` into the object of each answer; in a copy where the object also appears inside others."""
    contents = [
        response["content"][JSON]
        for methods in paths.values()
        for operation in methods.values()
        for _, response in successes(operation)
        if JSON in response.get("content", {})
    ]
    uses = Counter(references_in(components)) + Counter(
        name_of(content["schema"]) for content in contents if "items" in content["schema"]
    )
    for content in contents:
        name = name_of(content["schema"])
        answer = name if not uses[name] else f"{name}Answer"
        components[answer] = with_success(resolve(content["schema"], components))
        content["schema"] = reference(answer)
        for example in content.get("examples", {}).values():
            example["value"] = {"success": True, **example["value"]}


def with_success(schema: dict) -> dict:
    properties = {"success": SUCCESS, **schema["properties"]}
    return schema | {"properties": properties, "required": list(dict.fromkeys(["success", *schema["required"]]))}


def declare_headers(path: str, method: str, operation: dict) -> None:
    responses = operation["responses"]
    if operation.pop("x-etag", False):
        declare_etag(method, operation)
    for status, response in responses.items():
        if status < "300" and takes_idempotency_key(path, method, operation):
            add_headers(response, "Idempotent-Replayed")
        if status in {"429", "503"}:
            add_headers(response, "Retry-After")
        if status == "401":
            add_headers(response, "WWW-Authenticate")
        add_headers(response, *ON_EVERY_ANSWER)
        if operation.get("deprecated"):
            add_headers(response, *OF_DEPRECATED_OPERATIONS)


def declare_etag(method: str, operation: dict) -> None:
    if method == "get":
        operation.setdefault("parameters", []).append(IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "Nothing has changed since the answer with this `ETag`."}
    for status, response in operation["responses"].items():
        if status < "400":
            add_headers(response, "ETag")


def add_headers(response: dict, *names: str) -> None:
    response.setdefault("headers", {}).update({name: {"$ref": f"#/components/headers/{name}"} for name in names})
