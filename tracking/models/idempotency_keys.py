"""The model of idempotency keys, which make retries harmless."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """The kept answer to one POST. Written in the same transaction as the effect: both are there or neither."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    # One character more than a client may send: `tracking.idempotency.keys.OF_SERVERS`.
    key = models.CharField(max_length=256)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")
    language = models.CharField(max_length=10, default="en", db_default="en", help_text="Of the body.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_keys_by_age")]

    def __str__(self) -> str:
        return self.key
