"""External ids of people who were erased: closed for a time, so that an event sent late does not bring them back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from .models import ErasedExternalId

# Longer than any server should repeat a request; results that are older than 30 days are refused anyway.
CLOSED_FOR = timedelta(days=90)


def close_external_id(external_id: str, *, is_test: bool, at: datetime) -> None:
    """Call it in the transaction that erases the person. Ids whose time is over are deleted here."""
    ErasedExternalId.objects.filter(erased_at__lte=at - CLOSED_FOR).delete()
    ErasedExternalId.objects.update_or_create(
        fingerprint=fingerprint_of(external_id, is_test=is_test), defaults={"erased_at": at}
    )


def closed_ids(external_ids: Iterable[str], *, is_test: bool, at: datetime) -> set[str]:
    """Those of the ids whose owner was erased a short time ago, in one statement."""
    by_fingerprint = {fingerprint_of(each, is_test=is_test): each for each in external_ids}
    if not by_fingerprint:
        return set()
    closed = ErasedExternalId.objects.filter(fingerprint__in=by_fingerprint, erased_at__gt=at - CLOSED_FOR)
    return {by_fingerprint[fingerprint] for fingerprint in closed.values_list("fingerprint", flat=True)}


def fingerprint_of(external_id: str, *, is_test: bool) -> str:
    """A keyed hash: ids are often numbers, so a plain one could be guessed. Each mode has ids of its own here."""
    mode = "test" if is_test else "live"
    return salted_hmac("skillquest.machines.external_ids", f"{mode} {external_id}", algorithm="sha256").hexdigest()
