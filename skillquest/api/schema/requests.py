"""What requests have in common: JSON bodies, `user_id`, and the header `Idempotency-Key`."""

from copy import deepcopy

from .documents import JSON, name_of, needs_sign_in, reachable, reference, resolve, takes_idempotency_key

USER_ID = {
    "type": "integer",
    "minimum": 1,
    "description": "My own id. Anybody else's is refused (400 with `errors.user_id`).",
}
EMPTY_REQUEST = {"type": "object", "description": "No field is required.", "properties": {"user_id": USER_ID}}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": (
        "Makes a retry safe: the first 2xx answer is kept for 30 days and sent again, byte for byte, with the header "
        "`Idempotent-Replayed: true`."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "example": "7f9c2f0e-5d0b-4f0c-9d3f-0a4f3a1b2c3d",
}


def declare_request(path: str, method: str, operation: dict, components: dict) -> None:
    if "x-request-body" in operation:
        operation["requestBody"] = deepcopy(operation.pop("x-request-body"))
    if operation["security"] == [{}]:
        # The same, but generators take a list with something in it for a sign-in.
        operation["security"] = []
    if takes_idempotency_key(path, method, operation):
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        operation.setdefault("requestBody", empty_body(components))
    if "requestBody" in operation and needs_sign_in(operation):
        accept_user_id(operation["requestBody"]["content"][JSON]["schema"], components)


def empty_body(components: dict) -> dict:
    components.setdefault("EmptyRequest", deepcopy(EMPTY_REQUEST))
    return {"required": False, "content": {JSON: {"schema": reference("EmptyRequest"), "example": {}}}}


def accept_user_id(schema: dict, components: dict) -> None:
    """In the body itself, and in each event of a batch, which is a body of its own."""
    events = [
        name_of(variant)
        for name in sorted(reachable(schema, components))
        if "discriminator" in components[name]
        for variant in components[name]["oneOf"]
    ]
    for body in [resolve(schema, components), *(components[event] for event in events)]:
        body["properties"].setdefault("user_id", USER_ID)
