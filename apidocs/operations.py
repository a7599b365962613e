"""How every app describes an operation of the API for its documentation."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import APIException

Problem = type[APIException] | APIException


def documented(
    tag: str,
    operation_id: str,
    summary: str,
    description: str = "",
    *,
    raises: Sequence[Problem] = (),
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


def request_example(value: dict[str, Any], name: str = "Request", description: str = "") -> OpenApiExample:
    return OpenApiExample(name, value, description=description, request_only=True)


def answer_example(value: dict[str, Any], name: str = "Answer") -> OpenApiExample:
    """Of a list: one item. drf-spectacular puts it into a page, and `success` is added to every answer."""
    return OpenApiExample(name, value, response_only=True)
