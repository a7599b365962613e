"""What is kept about accounts that servers created: one-time links to claim them, and which were erased."""

from django.conf import settings
from django.db import models


class ClaimLink(models.Model):
    """A person may take over the account with the link that has this token; a newer link replaces it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="claim_link")
    server_key = models.ForeignKey("machines.ServerKey", models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Claim link of {self.user_id}"


class ErasedExternalId(models.Model):
    """The external id of an erased person, as a keyed hash, so that late events do not make a new account of it."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    erased_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.fingerprint
