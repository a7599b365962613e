"""Guessing passwords is slowed down for one name from one address: a stranger elsewhere can lock nobody out."""

import hashlib
import math
import time
from contextlib import suppress

from django.conf import settings
from django.core.cache import caches

from skillquest.api.addresses import address_group, client_address

FAILURES = 10
SPAN = 15 * 60  # seconds from the first failure


def seconds_locked(request, identifier: str) -> int:
    """How long no password is accepted for this name from this address; 0 when one is."""
    if not settings.RATELIMIT_ENABLE:
        return 0
    cache, key = caches["ratelimits"], cache_key(request, identifier)
    if cache.get(key, 0) < FAILURES:
        return 0
    return max(0, math.ceil(cache.get(f"{key}:ends", 0) - time.time()))


def count_failure(request, identifier: str) -> None:
    if not settings.RATELIMIT_ENABLE:
        return
    cache, key = caches["ratelimits"], cache_key(request, identifier)
    cache.add(f"{key}:ends", time.time() + SPAN, SPAN)
    cache.add(key, 0, SPAN)
    # It may run out between these two lines; then this failure begins no new span.
    with suppress(ValueError):
        cache.incr(key)


def cache_key(request, identifier: str) -> str:
    """Hashed: no personal data in the cache."""
    place = address_group(client_address(request)) if request else "-"
    return "sign-in:" + hashlib.sha256(f"{place} {identifier.strip().casefold()}".encode()).hexdigest()
