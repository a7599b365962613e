"""By whom and why a change is made. The request is that of simple-history's middleware."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

_reason: ContextVar[str] = ContextVar("history_reason", default="")
_actor: ContextVar[Any] = ContextVar("history_actor", default=None)


class Source(models.TextChoices):
    ADMIN = "admin", "in the admin"
    API = "api", "by the API"
    PAGE = "page", "on a page"
    COMMAND = "command", "by a command"


SOURCES = {"/admin/": Source.ADMIN, "/api/": Source.API}


@contextmanager
def because(reason: str, *, actor: Any = None) -> Iterator[None]:
    """Changes inside have this reason, and this actor where there is no request (background work of somebody)."""
    tokens = _reason.set(reason), _actor.set(actor or _actor.get())
    try:
        yield
    finally:
        _reason.reset(tokens[0])
        _actor.reset(tokens[1])


def reason() -> str:
    return _reason.get()


def actor() -> Any:
    """The user of the request, None for commands.

    Django REST framework writes the user of a token to Django's request too, before the view runs.
    """
    user = getattr(_request(), "user", None)
    return user if user is not None and user.is_authenticated else _actor.get()


def source() -> Source:
    request = _request()
    if request is None:
        return Source.COMMAND
    path = request.path_info
    return next((source for prefix, source in SOURCES.items() if path.startswith(prefix)), Source.PAGE)


def _request() -> Any:
    return getattr(HistoricalRecords.context, "request", None)
