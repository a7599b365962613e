"""Guessing passwords gets slower and slower for one name from one place: a stranger elsewhere can lock nobody out.

A place is a device that this name has signed in from by the site (it carries a signed cookie), else an address. So
neither classmates behind one address nor strangers all over the world stand in the way of whoever was here before.
"""

import hashlib
import math
import secrets
import time
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.core.cache import caches
from django.core.signing import BadSignature, TimestampSigner
from django.utils.crypto import constant_time_compare, salted_hmac

from skillquest.api.addresses import address_group, client_address

FREE = 10  # failures after which there is a wait, and twice as long a one after each that follows
FIRST_WAIT, LONGEST_WAIT = 60, 15 * 60  # seconds
MEMORY = 24 * 3600  # seconds from the first failure
FAMILIAR = timedelta(days=30)  # how long a sign-in makes a place familiar
DEVICE_COOKIE = "device"

signer = TimestampSigner(salt="skillquest.accounts.device")


def seconds_locked(request, name: str) -> int:
    """How long no password is accepted for this name from this place; 0 when one is."""
    if not settings.RATELIMIT_ENABLE:
        return 0
    ends = caches["ratelimits"].get(f"{cache_key(request, name)}:ends", 0)
    return max(0, math.ceil(ends - time.time()))


def count_failure(request, name: str) -> None:
    if not settings.RATELIMIT_ENABLE:
        return
    cache, key, failures = caches["ratelimits"], cache_key(request, name), 0
    cache.add(key, 0, MEMORY)
    # It may run out between these two lines; then this failure is none.
    with suppress(ValueError):
        failures = cache.incr(key)
    if failures >= FREE:
        wait = min(FIRST_WAIT * 2 ** min(failures - FREE, 10), LONGEST_WAIT)
        cache.set(f"{key}:ends", time.time() + wait, wait)


def forgive(request, name: str) -> None:
    """The right person was here: failures are forgotten, and the place is familiar from now on."""
    cache, key = caches["ratelimits"], cache_key(request, name)
    cache.delete(key)
    cache.delete(f"{key}:ends")
    cache.set(f"{key}:familiar", True, FAMILIAR.total_seconds())


def name_to_charge(request, name: str) -> str | None:
    """The name, for the budget that it has all over the world; from a familiar place it needs none."""
    is_familiar = device_of(request, name) or caches["ratelimits"].get(f"{cache_key(request, name)}:familiar")
    return None if is_familiar else name


def remember_device(request, response, name: str) -> None:
    """Nothing in the cookie says who it is; only whoever types the name can tell that it is theirs."""
    if device_of(request, name):
        return
    response.set_cookie(
        DEVICE_COOKIE,
        signer.sign(f"{fingerprint(name)}.{secrets.token_hex(8)}"),
        max_age=FAMILIAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def device_of(request, name: str) -> str | None:
    """What tells the device apart, where it is one that this name has signed in from."""
    cookie = request.COOKIES.get(DEVICE_COOKIE, "") if request else ""
    try:
        whose, device = signer.unsign(cookie, max_age=FAMILIAR).split(".")
    except (BadSignature, ValueError):
        return None
    return device if constant_time_compare(whose, fingerprint(name)) else None


def fingerprint(name: str) -> str:
    return salted_hmac("skillquest.accounts.device", folded(name), algorithm="sha256").hexdigest()


def folded(name: str) -> str:
    return name.strip().casefold()


def cache_key(request, name: str) -> str:
    """Hashed: no personal data in the cache."""
    place = device_of(request, name) or (address_group(client_address(request)) if request else "-")
    return "sign-in:" + hashlib.sha256(f"{place} {folded(name)}".encode()).hexdigest()
