"""Operations that will be removed: their answers say so (RFC 9745, RFC 8594), and so does their description."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from django.utils.http import http_date

# Whoever ships an application to devices needs this long to replace it.
SHORTEST = timedelta(days=180)

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True)
class Deprecation:
    """From `since` on clients should use something else; after the date `sunset` the operation may be gone."""

    since: date
    sunset: date

    def __post_init__(self) -> None:
        if self.sunset - self.since < SHORTEST:
            raise ValueError(f"An operation stays for {SHORTEST.days} days after it was deprecated.")

    def headers(self) -> dict[str, str]:
        return {"Deprecation": f"@{timestamp(self.since)}", "Sunset": http_date(timestamp(self.sunset))}


def timestamp(day: date) -> int:
    return int(datetime.combine(day, time.min, UTC).timestamp())


def deprecated(*, since: date, sunset: date) -> Callable[[Handler], Handler]:
    """Mark the method of a view that answers an operation. Say in its description what to use instead."""
    deprecation = Deprecation(since, sunset)

    def mark(handler: Handler) -> Handler:
        handler.deprecation = deprecation  # type: ignore[attr-defined]
        return handler

    return mark


def deprecation_of(view: object, name: str) -> Deprecation | None:
    """Of the method `name` of a view, or of its class."""
    return getattr(getattr(view, name, None), "deprecation", None)
