"""How many answers are kept for one person, and how large they are: counted now and then, not at every request."""

from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import BaseCache, caches
from django.db.models import Count, Min, Sum
from django.db.models.functions import Coalesce, Length

from tracking.errors import IdempotencyQuotaExceeded
from tracking.models import IdempotencyKey

RECOUNT_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Kept:
    """The answers kept for a person: counted in the database at `counted_at`, then continued in the cache."""

    keys: int
    size: int  # bytes
    oldest: datetime | None
    counted_at: datetime

    @property
    def is_full(self) -> bool:
        return self.keys >= settings.IDEMPOTENCY_KEYS_AT_MOST or self.size >= settings.IDEMPOTENCY_BYTES_AT_MOST

    def wait(self, at: datetime) -> float:
        """Seconds until the oldest answer expires."""
        expires_at = (self.oldest or at) + settings.IDEMPOTENCY_KEY_LIFETIME
        return max((expires_at - at).total_seconds(), 1)


def check_quota(row: IdempotencyKey) -> None:
    """Raise IdempotencyQuotaExceeded where no answer may be kept beside those there are; `row` is inserted already.

    Old keys are not deleted to make room: an effect that a forgotten key protects could be repeated.
    """
    if not settings.RATELIMIT_ENABLE:
        return
    kept = _recall(row)
    if kept is None or row.created_at - kept.counted_at >= RECOUNT_AFTER:
        kept = _count_others(row)
        _remember(row, kept)
    if kept.is_full:
        raise IdempotencyQuotaExceeded(kept.wait(row.created_at))


def note_kept(row: IdempotencyKey) -> None:
    kept = _recall(row)
    if kept is not None:
        _remember(row, replace(kept, keys=kept.keys + 1, size=kept.size + len(row.body)))


def _count_others(row: IdempotencyKey) -> Kept:
    """Reads no more rows than the quota allows; those that have expired are deleted."""
    at, others = row.created_at, IdempotencyKey.objects.filter(user=row.user_id).exclude(pk=row.pk)
    others.filter(created_at__lt=at - settings.IDEMPOTENCY_KEY_LIFETIME).delete()
    size = Coalesce(Sum(Length("body")), 0)
    return Kept(**others.aggregate(keys=Count("pk"), size=size, oldest=Min("created_at")), counted_at=at)


def _recall(row: IdempotencyKey) -> Kept | None:
    stored = _cache().get(_name(row.user_id))
    return stored and Kept(*stored)


def _remember(row: IdempotencyKey, kept: Kept) -> None:
    _cache().set(_name(row.user_id), astuple(kept), RECOUNT_AFTER.total_seconds())


def _cache() -> BaseCache:
    return caches[settings.RATELIMIT_USE_CACHE]


def _name(user_id: int) -> str:
    return f"idempotency-keys:{user_id}"
