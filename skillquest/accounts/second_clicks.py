"""A double click sends a form twice: the second request has to end where the first one did.

The first request often changes what the second one needs: it uses up a token, it ends the session. It therefore stores
a marker for some minutes, under a secret that both requests carry.
"""

import hashlib
from datetime import timedelta

from django.core.cache import caches
from django.utils import timezone

WINDOW = timedelta(minutes=5)  # in which the same form may arrive again


def remember(action: str, secret: str, user_id: int) -> None:
    """Call it before the commit that lets a simultaneous second request continue."""
    caches["default"].set(_key(action, secret), (user_id, timezone.now()), WINDOW.total_seconds())


def remembered(action: str, secret: str) -> int | None:
    """The id of the user for whom the first request did this, if it was just now."""
    user_id, at = caches["default"].get(_key(action, secret)) or (None, None)
    return user_id if at and timezone.now() - at < WINDOW else None


def _key(action: str, secret: str) -> str:
    return f"{action}:{hashlib.sha256(secret.encode()).hexdigest()}"
