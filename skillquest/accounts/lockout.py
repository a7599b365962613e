"""Failed passwords: each one above ten makes the next attempt wait longer.

Failures are counted for an account at one place, so that nobody can lock the owner out from elsewhere. A place is a
device on which the account has signed in on our pages (it carries a signed cookie), else an IP address: classmates
behind one address do not lock each other's devices out.

`account` is a key of `identifiers`: one for all spellings of the username and the e-mail address.
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
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from skillquest.api.addresses import address_group, client_address

FREE = 10  # failures without a wait; the wait doubles with each failure that follows
FIRST_WAIT, LONGEST_WAIT = 60, 15 * 60  # seconds
MEMORY = 24 * 3600  # seconds from the first failure
FAMILIAR = timedelta(days=30)  # how long a place stays familiar after a sign-in
DEVICE_COOKIE = "device"

signer = TimestampSigner(salt="skillquest.accounts.device")


def seconds_locked(request: HttpRequest | None, account: str) -> int:
    """How long no password is accepted for this account from this place; 0 when one is."""
    if not settings.RATELIMIT_ENABLE:
        return 0
    ends = caches["ratelimits"].get(f"{cache_key(request, account)}:ends", 0)
    return max(0, math.ceil(ends - time.time()))


def count_failure(request: HttpRequest | None, account: str) -> None:
    if not settings.RATELIMIT_ENABLE:
        return
    cache, key, failures = caches["ratelimits"], cache_key(request, account), 0
    cache.add(key, 0, MEMORY)
    # The key may expire between these two lines; then this failure is not counted.
    with suppress(ValueError):
        failures = cache.incr(key)
    if failures >= FREE:
        wait = min(FIRST_WAIT * 2 ** min(failures - FREE, 10), LONGEST_WAIT)
        cache.set(f"{key}:ends", time.time() + wait, wait)


def forget_failures(request: HttpRequest | None, account: str) -> None:
    """After a sign-in. The place is familiar from now on."""
    cache, key = caches["ratelimits"], cache_key(request, account)
    cache.delete(key)
    cache.delete(f"{key}:ends")
    cache.set(f"{key}:familiar", True, FAMILIAR.total_seconds())


def budget_of(request: HttpRequest, account: str) -> str:
    """Which rate limit an attempt is charged to.

    All unfamiliar places share the budget of an account; a familiar place has a budget of its own, which others
    cannot use up.
    """
    key = cache_key(request, account)
    is_familiar = device_of(request, account) or caches["ratelimits"].get(f"{key}:familiar")
    return f"{account} at {key}" if is_familiar else account


def remember_device(request: HttpRequest, response: HttpResponse, account: str) -> None:
    """The cookie does not say whose it is; it can only be compared with an account."""
    if device_of(request, account):
        return
    response.set_cookie(
        DEVICE_COOKIE,
        signer.sign(f"{fingerprint(account)}.{secrets.token_hex(8)}"),
        max_age=FAMILIAR,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def device_of(request: HttpRequest | None, account: str) -> str | None:
    """The random number of the device, if this account has signed in on it."""
    cookie = request.COOKIES.get(DEVICE_COOKIE, "") if request else ""
    try:
        owner, device = signer.unsign(cookie, max_age=FAMILIAR).split(".")
    except (BadSignature, ValueError):
        return None
    return device if constant_time_compare(owner, fingerprint(account)) else None


def fingerprint(account: str) -> str:
    return salted_hmac("skillquest.accounts.device", account, algorithm="sha256").hexdigest()


def cache_key(request: HttpRequest | None, account: str) -> str:
    """Hashed: no personal data in the cache."""
    place = device_of(request, account) or (address_group(client_address(request)) if request else "-")
    return "sign-in:" + hashlib.sha256(f"{place} {account}".encode()).hexdigest()
