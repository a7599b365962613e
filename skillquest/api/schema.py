"""What every operation has in common, added to the OpenAPI document once instead of in every view."""

from rest_framework import exceptions

from .errors import Unavailable, body_of
from .parsing import BodyTooLarge
from .ratelimits import TooManyRequests

API_PREFIX = "/api/v1/"
PROBLEM_TYPE = "application/problem+json"

REQUEST_ID = "0c6c5d1f5a4b4b0f9d2c7a1e8f3b6d90"

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. Some problems carry more members than these; the operation says which.",
    "required": ["type", "title", "status", "detail", "success", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Made for people."},
        "success": {"type": "boolean", "enum": [False]},
        "code": {"type": "string", "description": "Made for programs."},
        "errors": {
            "type": "object",
            "description": "By field; fields within fields are written with dots.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": "string", "description": "Finds the request in our logs."},
    },
}
SUCCESS = {
    "type": "object",
    "required": ["success"],
    "properties": {"success": {"type": "boolean", "enum": [True]}},
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": (
        "Makes a retry harmless: the first 2xx answer is kept for 30 days and given again, byte for byte, with the "
        "header `Idempotent-Replayed: true`."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "7f9c2f0e-5d0b-4f0c-9d3f-0a4f3a1b2c3d",
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}}}

IN_FLIGHT = "A first request with this `Idempotency-Key` is still running (`idempotency_key_in_flight`)."

# Status -> what it means, and an error that gives it.
COMMON_PROBLEMS = {
    "400": (
        "The request is malformed or breaks a rule of its fields.",
        exceptions.ValidationError({"score": ["Expected a whole number."]}),
    ),
    "401": ("No valid credentials.", exceptions.NotAuthenticated()),
    "403": ("Not allowed.", exceptions.PermissionDenied()),
    "404": ("There is no such thing, or it is somebody else's.", exceptions.NotFound()),
    "409": (IN_FLIGHT, None),
    "413": ("The body is too large.", BodyTooLarge("The request body may have at most 65536 bytes.")),
    "415": ("The body is not JSON in UTF-8.", exceptions.UnsupportedMediaType("text/plain")),
    "422": ("The `Idempotency-Key` was used for another request (`idempotency_key_reused`).", None),
    "429": ("Too many requests; `Retry-After` says when to come back.", TooManyRequests(wait=42)),
    "default": ("Any other problem, in the same form.", Unavailable()),
}


def only_versioned_paths(endpoints):
    """The same tree answers under /api/ as well; one description of it is enough."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(API_PREFIX)]


def declare_envelope(result, generator, request, public):  # noqa: ARG001 (drf-spectacular's signature)
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Problem": PROBLEM, "Success": SUCCESS}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if "x-request-body" in operation:
                operation["requestBody"] = operation.pop("x-request-body")
            if takes_idempotency_key(path, method, operation):
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
            declare_success(operation["responses"], schemas)
            declare_problems(operation["responses"], problems_of(path, method, operation))
    return result


def needs_sign_in(operation):
    security = operation.get("security", [])
    return bool(security) and {} not in security


def takes_idempotency_key(path, method, operation):
    return method == "post" and needs_sign_in(operation) and not path.startswith(f"{API_PREFIX}auth/")


def declare_success(responses, schemas):
    for status, response in responses.items():
        for content in response.get("content", {}).values() if status < "400" else ():
            if is_object(content.get("schema", {}), schemas):
                content["schema"] = {"allOf": [{"$ref": "#/components/schemas/Success"}, content["schema"]]}


def is_object(schema, schemas):
    if "$ref" in schema:
        return is_object(schemas.get(schema["$ref"].rpartition("/")[2], {}), schemas)
    return schema.get("type") == "object" or "allOf" in schema


def problems_of(path, method, operation):
    statuses = {"429", "default"}
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    if "path" in places:
        statuses |= {"404"}
    if "query" in places:
        statuses |= {"400"}
    if "requestBody" in operation:
        statuses |= {"400", "413", "415"}
    if needs_sign_in(operation):
        statuses |= {"401"} if method == "get" else {"401", "403"}
    if takes_idempotency_key(path, method, operation):
        statuses |= {"400", "409", "422"}
    return statuses


def declare_problems(responses, statuses):
    """A view's own words stay; an error that it only describes in words still gets its form."""
    for status in sorted(statuses - responses.keys()):
        responses[status] = common_problem(status)
    for status, response in responses.items():
        if status >= "400":
            response["content"] = as_problem(response.get("content", {}))
    if "422" in statuses and IN_FLIGHT not in responses["409"]["description"]:
        responses["409"]["description"] += f" {IN_FLIGHT}"
    responses["429"].setdefault("headers", RETRY_AFTER)


def common_problem(status):
    description, error = COMMON_PROBLEMS[status]
    example = {} if error is None else {"example": body_of(error, None) | {"request_id": REQUEST_ID}}
    return {"description": description, "content": {PROBLEM_TYPE: example}}


def as_problem(content):
    """Problems are never application/json, whatever the generator concluded from the renderer."""
    problem = content.get(PROBLEM_TYPE) or content.get("application/json") or {}
    return {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, **problem}}
