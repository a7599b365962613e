"""What the API's documentation says about XP, and how this app and those above it describe an operation."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.exceptions import APIException

WHY = "One sentence for people."  # help text of each explanation
BREAKDOWN = [
    {"factor": "base", "value": 10},
    {"factor": "score", "value": 8},
    {"factor": "speed_bonus", "value": 5},
    {"factor": "no_hints_bonus", "value": 5},
]
ENTRY = {
    "id": 4711,
    "sequence": 12,
    "delta": 28,
    "reason": "level_completion",
    "reference_id": "815",
    "balance_after": 340,
    "trust": "reported",
    "metadata": {"breakdown": BREAKDOWN},
    "created_at": "2026-03-01T12:00:00Z",
}
STANDING = {
    "total_xp": 340,
    "current_level": 3,
    "xp_to_next_level": 7,
    "level_progress_percentage": 94,
    "title": "Novice",
    "next_level_at": 347,
}
# The block of every awarding answer, with the numbers of SPEC's own example.
REWARD = {
    "awarded_xp": 28,
    "total_awarded_xp": 28,
    "new_total_xp": 340,
    "xp_breakdown": BREAKDOWN,
    "level_up": False,
    "player_level": 3,
    "title": "Novice",
    "streak": None,
    "unlocked_achievements": [],
    "unlocked_badges": [],
    "entries": [{"reason": "level_completion", "delta": 28, "balance_after": 340}],
    "trust": "reported",
}


def documented(
    tag: str,
    operation_id: str,
    summary: str,
    description: str = "",
    *,
    raises: Sequence[type[APIException] | APIException] = (),
    examples: Sequence[OpenApiExample] = (),
    etag: bool = False,
    extensions: dict[str, Any] | None = None,
    **options: Any,
) -> Callable[..., Any]:
    """Describe an operation. `raises` are its own errors, besides those that every such request can meet."""
    return extend_schema(
        tags=[tag],
        operation_id=operation_id,
        summary=summary,
        description=description,
        examples=list(examples),
        extensions={"x-problems": list(raises), "x-etag": etag, **(extensions or {})},
        **options,
    )


def request_example(value: dict, name: str = "Request", description: str = "") -> OpenApiExample:
    return OpenApiExample(name, value, description=description, request_only=True)


def answer_example(value: dict, name: str = "Answer") -> OpenApiExample:
    """Of a list: one item. drf-spectacular puts it into a page, and `success` is added to every answer."""
    return OpenApiExample(name, value, response_only=True)


history = extend_schema_view(
    get=documented(
        "XP",
        "listXpHistory",
        "List the changes of my XP, newest first",
        "`metadata.breakdown` says where the points of an entry come from; its values add up to `delta`.",
        examples=[answer_example(ENTRY)],
    )
)
level = documented(
    "XP",
    "getPlayerLevel",
    "Get my total XP, player level and title",
    examples=[answer_example(STANDING)],
)
