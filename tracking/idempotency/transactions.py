"""One transaction for each call that records something, also when an Idempotency-Key has opened it already."""

from django.db import transaction


class KeyTransaction(transaction.Atomic):
    """The transaction of a request with an Idempotency-Key: the key and the effect are kept together or not at all."""


def key_transaction() -> KeyTransaction:
    return KeyTransaction(using=None, savepoint=True, durable=False)


def recording_transaction() -> transaction.Atomic:
    """The transaction of one call; inside a KeyTransaction it needs no savepoint, since both fail together."""
    blocks = transaction.get_connection().atomic_blocks
    return transaction.atomic(savepoint=not (blocks and isinstance(blocks[-1], KeyTransaction)))
