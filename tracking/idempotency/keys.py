"""The Idempotency-Key of a POST: the first answer is kept with the effect and given again to every retry."""

import re
from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.utils.translation import get_language
from rest_framework.response import Response

from hotsql.writes import insert_if_absent, update_rows
from tracking.errors import IdempotencyKeyInFlight, IdempotencyKeyReused, InvalidIdempotencyKey
from tracking.models import IdempotencyKey

from .quota import check_quota, note_kept
from .transactions import key_transaction

# Not printable, so that no client's key begins with it: or learners could use up the keys of a server beforehand.
OF_SERVERS = "\x1f"
PRINTABLE_ASCII = re.compile(r"[\x20-\x7e]{1,255}")
LOCK_NOT_AVAILABLE = "55P03"  # the SQLSTATE of a lock_timeout in PostgreSQL


def answer_once(
    *,
    user,
    key: str,
    fingerprint: str,
    at: datetime,
    answer: Callable[[], HttpResponse],
    of_server: bool = False,
) -> HttpResponse:
    """Call `answer` in one transaction with the key, or give the kept answer again.

    Keys `of_server`, sent for the user by a server, are others than those that the user's own client sends.

    Answers of 400 and above undo the transaction and are not kept, nor are those `without_effect`. Raise
    InvalidIdempotencyKey, IdempotencyKeyReused (same key, other fingerprint), IdempotencyKeyInFlight (the first is
    still running after the lock timeout) or IdempotencyQuotaExceeded.
    """
    if not PRINTABLE_ASCII.fullmatch(key):
        raise InvalidIdempotencyKey
    key = OF_SERVERS + key if of_server else key
    row = IdempotencyKey(user=user, key=key, fingerprint=fingerprint, created_at=at)
    with key_transaction():
        if not _insert(row):
            return _kept_answer(IdempotencyKey.objects.get(user=user, key=key), fingerprint)
        check_quota(row)
        response = answer()
        if response.status_code >= 400 or getattr(response, "without_effect", False):
            transaction.set_rollback(True)
        else:
            _keep(row, response)
        return response


def without_effect(response: Response) -> Response:
    """Mark an answer that is not kept: nothing was recorded, and nothing ever would be twice if it was sent again."""
    response.without_effect = True
    return response


def _insert(row: IdempotencyKey) -> bool:
    try:
        return insert_if_absent(row, conflict="(user_id, key)")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise IdempotencyKeyInFlight from error
        raise


def _keep(row: IdempotencyKey, response: HttpResponse) -> None:
    row.status, row.content_type, row.body = response.status_code, response["Content-Type"], response.content
    row.language = get_language()
    update_rows([row], ["status", "content_type", "body", "language"])
    note_kept(row)


def _kept_answer(kept: IdempotencyKey, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return HttpResponse(
        bytes(kept.body),
        status=kept.status,
        content_type=kept.content_type,
        headers={"Idempotent-Replayed": "true", "Content-Language": kept.language},
    )
