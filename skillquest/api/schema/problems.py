"""Errors in the OpenAPI document: which ones an operation can answer with, each with an example of its body.

A view names its own errors in the extension `x-problems`, as exceptions; those that follow from its request are added
here. The codes of all of them are the values of `ProblemCode`.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from inspect import isclass

from rest_framework import exceptions

from apidocs.server_keys import LEARNER_HEADER
from gamification.errors import LearnerErased, LearnerNotFound
from levels.errors import LevelLocked, LevelRequired
from skillquest.accounts.errors import CSRFFailed, InvalidToken, TokenExpired
from skillquest.api.errors import Conflict, RequestTimeout, ServerError, Unavailable, body_of, status_of
from skillquest.api.parsing import BodyTooLarge
from skillquest.api.ratelimits import TooManyRequests
from skillquest.machines.errors import (
    IdempotencyKeyNeedsLearner,
    InvalidServerKey,
    KeyNotAccepted,
    LearnerRequired,
    ScopeMissing,
)
from skillquest.machines.learners_errors import LearnerDeactivated
from tracking.errors import (
    IdempotencyKeyInFlight,
    IdempotencyKeyReused,
    IdempotencyQuotaExceeded,
    InvalidIdempotencyKey,
)

from .documents import (
    JSON,
    REQUEST_ID,
    needs_sign_in,
    reference,
    resolve,
    takes_idempotency_key,
    takes_server_key,
)

PROBLEM_TYPE = "application/problem+json"

PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail", "success", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "The `code` as a URI; not a page."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "For people."},
        "success": {"type": "boolean", "const": False},
        "code": reference("ProblemCode"),
        "errors": {
            "type": "object",
            "description": "By field; fields within fields are written with dots.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "request_id": {"type": ["string", "null"], "description": "Finds the request in our logs."},
    },
}
LEVELS = {"type": "array", "items": reference("MissingLevel")}
# Problems that say more than the others: their component, and its further members.
TYPED = {
    LevelLocked.default_code: (
        "LevelLockedProblem",
        {
            "status": {"type": "integer", "const": LevelLocked.status_code},
            "reason": reference("LockReasonEnum"),
            "missing": LEVELS | {"description": "Prerequisites that are not passed yet; empty for other reasons."},
        },
    ),
    LevelRequired.default_code: (
        "LevelRequiredProblem",
        {
            "status": {"type": "integer", "const": LevelRequired.status_code},
            "required_by": LEVELS | {"description": "The levels that have it as a prerequisite."},
        },
    ),
}

INVALID_BODY = "A field of the body is missing, unknown or not valid; `errors` says which."
INVALID_QUERY = "A parameter is unknown or not valid; `errors` says which."
# What any operation can answer, and what only a fault of the client or of ours leads to.
ALWAYS = [TooManyRequests(wait=42), Unavailable()]
OTHERWISE = [
    exceptions.MethodNotAllowed("TRACE"),
    exceptions.NotAcceptable(),
    Conflict(),
    LearnerErased(),
    ServerError(),
]
WITH_BODY = [
    exceptions.ParseError("The body is not valid JSON (line 1, column 7)."),
    RequestTimeout(),
    BodyTooLarge("The request body may have at most 65536 bytes."),
    exceptions.UnsupportedMediaType("text/plain", "Send application/json in UTF-8."),
]
SIGNED_IN = [exceptions.NotAuthenticated(), InvalidToken(), TokenExpired()]
WITH_KEY = [InvalidIdempotencyKey(), IdempotencyKeyInFlight(), IdempotencyKeyReused(), IdempotencyQuotaExceeded()]


def declare_problems(path: str, method: str, operation: dict, components: dict) -> set[str]:
    """Add the responses of all errors that the operation can answer with; return their codes."""
    own = [error() if isclass(error) else error for error in operation.pop("x-problems", [])]
    by_status = defaultdict(dict)
    for error in [*common_problems(path, method, operation, components, own), *own]:
        body = body_of(error, None) | {"request_id": REQUEST_ID}
        by_status[str(status_of(error))][body["code"]] = body
    by_status["default"] = {body["code"]: body for body in (body_of(error, None) for error in OTHERWISE)}
    for status, bodies in by_status.items():
        operation["responses"][status] = response_of(bodies, operation)
    operation["responses"]["default"]["description"] = "Any other problem, in the same form."
    return {code for bodies in by_status.values() for code in bodies}


def common_problems(path: str, method: str, operation: dict, components: dict, own: list) -> list:
    """The errors that follow from what the operation takes."""
    places = {parameter["in"] for parameter in operation.get("parameters", [])}
    problems = [*ALWAYS]
    if "requestBody" in operation or "query" in places:
        problems += [invalid(operation, components)]
    if "requestBody" in operation:
        problems += WITH_BODY
    if needs_sign_in(operation):
        problems += SIGNED_IN if method == "get" else [*SIGNED_IN, CSRFFailed()]
    if needs_sign_in(operation):
        problems += server_key_problems(path, method, operation)
    if takes_idempotency_key(path, method, operation):
        problems += WITH_KEY
    if "path" in places and not any(status_of(error) == 404 for error in own):
        problems += [exceptions.NotFound()]
    return problems


def server_key_problems(path: str, method: str, operation: dict) -> list:
    if not takes_server_key(operation):
        return [KeyNotAccepted()]
    header = next((each for each in operation.get("parameters", []) if each["name"] == LEARNER_HEADER), None)
    problems = [InvalidServerKey(), ScopeMissing("read" if method == "get" else "track")]
    if header:
        problems += [LearnerRequired(), LearnerNotFound(), LearnerDeactivated()]
    if takes_idempotency_key(path, method, operation):
        problems += [IdempotencyKeyNeedsLearner()]
    return problems


def invalid(operation: dict, components: dict) -> exceptions.ValidationError:
    """About the first field of the operation's own body, or its first parameter in the query."""
    if "requestBody" in operation:
        body = resolve(operation["requestBody"]["content"][JSON]["schema"], components)
        return exceptions.ValidationError({next(iter(body["properties"])): ["This field may not be null."]})
    names = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
    return exceptions.ValidationError({names[0]: ["Enter a valid value."]})


def response_of(bodies: dict, operation: dict) -> dict:
    return {
        "description": "\n".join(f"- `{code}`: {sentence_of(body, operation)}" for code, body in bodies.items()),
        "content": {
            PROBLEM_TYPE: {
                "schema": schema_of(bodies),
                "examples": {code: {"value": body} for code, body in bodies.items()},
            }
        },
    }


def schema_of(codes: Iterable[str]) -> dict:
    names = sorted({TYPED[code][0] if code in TYPED else "Problem" for code in codes})
    return reference(names[0]) if len(names) == 1 else {"oneOf": [reference(name) for name in names]}


def sentence_of(body: dict, operation: dict) -> str:
    if "errors" in body:
        return INVALID_BODY if "requestBody" in operation else INVALID_QUERY
    return body["detail"]


def share_problems(paths: dict) -> dict:
    """Replace the most frequent response of each error by a reference; return the responses referred to, by name."""
    responses = [operation["responses"] for methods in paths.values() for operation in methods.values()]
    shared = {}
    for status in sorted({status for each in responses for status in each if status >= "400"}):
        variants = Counter(json.dumps(each[status]) for each in responses if status in each)
        text, times = variants.most_common(1)[0]
        if times > 1:
            name = f"Problem{status.title()}"
            shared[name] = json.loads(text)
            for each in responses:
                if each.get(status) == shared[name]:
                    each[status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def problem_components(codes: set[str]) -> dict:
    plain = {"type": "string", "description": "For programs.", "enum": sorted(codes - TYPED.keys())}
    typed = {name: typed_problem(code, members) for code, (name, members) in TYPED.items()}
    return {"Problem": PROBLEM, "ProblemCode": plain, **typed}


def typed_problem(code: str, members: dict) -> dict:
    properties = {name: schema for name, schema in PROBLEM["properties"].items() if name != "errors"}
    return {
        "type": "object",
        "description": f"RFC 9457, with more about `{code}`.",
        "required": list(dict.fromkeys([*PROBLEM["required"], *members])),
        "properties": properties | {"code": {"type": "string", "const": code}} | members,
    }
