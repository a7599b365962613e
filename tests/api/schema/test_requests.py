"""What requests have in common: bodies, `user_id`, `Idempotency-Key`, metadata."""

import re

from django.conf import settings

from skillquest.api.schema.documents import JSON

from .parts import needs_sign_in


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


def test_metadata_of_a_completion_is_typed(schema):
    components = schema["components"]["schemas"]
    metadata = components["CompletionMetadata"]

    assert set(metadata["properties"]) == set(settings.COMPLETION_METADATA)
    assert metadata["properties"]["hints_used"] == {"type": "integer", "minimum": 0, "maximum": 10_000}
    assert metadata["properties"]["client_version"] == {"type": "string", "maxLength": 40}
    for body in [
        "CompleteLevelRequest",
        "EndSessionRequest",
        "SubmitAttemptRequest",
        "LevelCompletionEventRequest",
        "SessionEventRequest",
    ]:
        assert components[body]["properties"]["metadata"] == {"$ref": "#/components/schemas/CompletionMetadata"}


def test_the_guide_lists_the_metadata_with_its_bounds():
    guide = (settings.BASE_DIR / "docs" / "clients.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (whole number|language tag|text)[^|]*\| (\d+)", guide, re.MULTILINE)

    assert {key: (kind.replace(" ", "_"), int(most)) for key, kind, most in rows} == settings.COMPLETION_METADATA
