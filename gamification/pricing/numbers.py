"""Reading numbers that staff edit, from JSON."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError


def whole(value: Any, *, least: int = 0, most: int = 1_000_000) -> int:
    # `type` instead of isinstance: True is an int in Python.
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
    return value


def validate_numbers(what: str, read: Callable[[int, Any], object], data: Any) -> None:
    """Raise ValidationError, naming the wrong number of `what`, for data that `read(version, data)` refuses."""
    try:
        read(0, data)
    except KeyError as error:
        raise ValidationError(f"The {what} lacks {error}.") from error
    except (TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise ValidationError(f"The {what} cannot be read: {error}.") from error
