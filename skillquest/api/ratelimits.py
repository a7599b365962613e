"""Rate limits by user, key and address: the counters of django-ratelimit in a throttle class of REST framework."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from skillquest.environment import parse_rate

from .addresses import address_group, client_address

logger = logging.getLogger(__name__)

DAY = 86_400  # seconds


class TooManyRequests(Throttled):
    default_detail = _("Too many requests.")
    extra_detail_singular = _("Try again in {wait} second.")
    extra_detail_plural = _("Try again in {wait} seconds.")


@dataclass(frozen=True)
class Usage:
    scope: str
    limit: int
    window: int  # seconds
    remaining: int
    resets_in: int  # seconds
    is_refused: bool = False


class RateLimit(BaseThrottle):
    """A view may choose its bucket with `rate_limit`, and name whom it is about with `rate_limit_name(request)`.

    One whose requests contain several events says how many with `rate_limit_events(request)`.
    """

    def allow_request(self, request, view) -> bool:
        scope = scope_of(view, request.method)
        charge(request, scope)
        if hasattr(view, "rate_limit_name"):
            charge_name(request, view.rate_limit_name(request))
        if hasattr(view, "rate_limit_events") and request._request.user.is_authenticated:
            charge_events(request._request, view.rate_limit_events(request))
        return True


def scope_of(view, method) -> str:
    return getattr(view, "rate_limit", None) or ("read" if method in SAFE_METHODS else "write")


def charge(request, scope) -> Usage | None:
    """Counts the request, once however often it is called; raises when over, gives None when switched off."""
    request = getattr(request, "_request", request)
    if key := key_of(request):
        bucket = "key_read" if request.method in SAFE_METHODS else "key_write"
        return count(request, bucket, key, parse_rate(settings.RATE_LIMITS[bucket]))
    if not request.user.is_authenticated:
        return charge_address(request, scope)
    limit, window = parse_rate(settings.RATE_LIMITS[scope])
    address = address_group(client_address(request))
    usage = count(request, scope, f"user {request.user.pk}", (limit, window))
    # Only after the user's own limit, or one person could use up the classroom's.
    count(request, scope, f"users at {address}", (limit * settings.RATE_LIMIT_SHARED_FACTOR, window))
    return usage


def key_of(request) -> str | None:
    """Who counts where a server key has sent the request: the key, together with those that replaced it."""
    key = getattr(request, "server_key", None)
    return f"key {key.family}" if key else None


def charge_address(request, scope) -> Usage | None:
    """Counts the request for its address as if nobody were signed in; raises when over."""
    request = getattr(request, "_request", request)
    address = address_group(client_address(request))
    return count(request, scope, f"address {address}", parse_rate(settings.RATE_LIMITS[scope]))


def charge_name(request, name) -> None:
    """Counts attempts to sign in as one person, whatever the address; raises when over."""
    if name:
        rate = parse_rate(settings.RATE_LIMITS["auth"])
        count(getattr(request, "_request", request), "auth", f"name {name}", rate)


def count(request, scope, who, rate) -> Usage | None:
    usages = request.__dict__.setdefault("rate_limit_usages", {})
    if (scope, who) not in usages:
        counted = get_usage(request, group=scope, key=lambda *_: who, rate=rate, increment=True)
        if counted is None:
            return None
        # The window includes the second in which it ends.
        resets_in = max(0, counted["time_left"]) + 1
        is_over = counted["should_limit"]
        usage = Usage(scope, *rate, max(0, rate[0] - counted["count"]), resets_in, is_refused=is_over)
        usages[scope, who] = usage
        if is_over:
            raise TooManyRequests(wait=usage.resets_in)
    return usages[scope, who]


def charge_events(request, amount: int) -> Usage | None:
    """Counts the events of a request for its key or user, once however often it is called; gives None if switched off.

    Raises, and counts nothing, where fewer than `amount` are left.
    """
    if not settings.RATELIMIT_ENABLE:
        return None
    key = key_of(request)
    bucket, who = ("key_events", key) if key else ("events", f"user {request.user.pk}")
    usages = request.__dict__.setdefault("rate_limit_usages", {})
    if (bucket, who) not in usages:
        limit, window = parse_rate(settings.RATE_LIMITS[bucket])
        resets_in = seconds_left(window, who)
        name = f"{bucket}:{who}:{int(time.time()) + resets_in}".replace(" ", ":")
        used, is_refused = take(name, amount, limit, timeout=resets_in + 60)
        usages[bucket, who] = Usage(bucket, limit, window, limit - used, resets_in, is_refused)
    usage = usages[bucket, who]
    if usage.is_refused:
        raise TooManyRequests(wait=usage.resets_in)
    return usage


def seconds_left(window, who) -> int:
    """Until the window of a user or key ends. Those of different ones end at different moments."""
    return window - (int(time.time()) + crc32(who.encode())) % window


def take(name, amount, limit, *, timeout) -> tuple[int, bool]:
    """(what is used afterwards, whether it was refused). Adding first is exact when requests come together."""
    cache = caches[settings.RATELIMIT_USE_CACHE]
    cache.add(name, 0, timeout)
    used = cache.incr(name, amount)
    if used <= limit:
        return used, False
    return max(0, min(limit, cache.decr(name, amount))), True


def headers(request) -> dict[str, str]:
    """The bucket that refused this request, or the tightest that counted it, in the form of the IETF draft."""
    usages = getattr(request, "rate_limit_usages", {}).values()
    if not usages:
        return {}
    usage = min(usages, key=lambda each: (not each.is_refused, each.remaining / each.limit))
    return {
        "RateLimit-Policy": f'"{usage.scope}";q={usage.limit};w={usage.window}',
        "RateLimit": f'"{usage.scope}";r={usage.remaining};t={usage.resets_in}',
    }


class Outage:
    """Whether Redis does not answer; one object for the process, since Django has a cache object for each thread."""

    back_off = 2  # seconds between two tries, so that not every request waits for a timeout

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ongoing = False
        self.try_again_at = 0.0
        self.operations = 0  # done in memory since the process started

    def should_try(self) -> bool:
        if not self.ongoing:
            return True
        with self.lock:
            now = time.monotonic()
            due = now >= self.try_again_at
            if due:
                self.try_again_at = now + self.back_off  # only one of many threads tries
            return due

    def begin(self, error) -> None:
        with self.lock:
            first, self.ongoing = not self.ongoing, True
            self.try_again_at = time.monotonic() + self.back_off
        if first:
            logger.error("Redis does not answer (%s): each process counts rate limits by itself.", error)

    def end(self) -> None:
        if self.ongoing:
            self.ongoing = False
            logger.warning("Redis answers again: processes share rate limits.")


OUTAGE = Outage()
LOCAL_OPTIONS = {"OPTIONS": {"MAX_ENTRIES": 100_000}}  # the default of 300 would forget counters


class RedisOrLocalCache(RedisCache):
    """Redis or, while it does not answer, the memory of this process: then each process has a limit of its own."""

    def __init__(self, server, params) -> None:
        super().__init__(server, params)
        self.local = LocMemCache("rate limits without redis", params | LOCAL_OPTIONS)

    def add(self, *args, **kwargs) -> bool:
        return self.attempt("add", *args, **kwargs)

    def get(self, *args, **kwargs) -> object:
        return self.attempt("get", *args, **kwargs)

    def set(self, *args, **kwargs) -> None:
        return self.attempt("set", *args, **kwargs)

    def delete(self, *args, **kwargs) -> bool:
        return self.attempt("delete", *args, **kwargs)

    def incr(self, key, delta=1, version=None) -> int:
        try:
            return self.attempt("incr", key, delta, version)
        except ValueError:
            # Redis failed or recovered between django-ratelimit's add and its incr, so the key is in the other store.
            self.add(key, 0, DAY, version)
            return self.attempt("incr", key, delta, version)

    def attempt(self, operation, *args, **kwargs) -> Any:
        if OUTAGE.should_try():
            try:
                result = getattr(super(), operation)(*args, **kwargs)
            except (RedisError, OSError) as error:
                OUTAGE.begin(error)
            else:
                OUTAGE.end()
                return result
        OUTAGE.operations += 1
        return getattr(self.local, operation)(*args, **kwargs)
