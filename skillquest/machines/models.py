"""Keys with which servers of others use the API."""

import uuid
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from apidocs.server_keys import Scope
from change_history.records import ChangeHistory

from .learner_models import ClaimLink, ErasedExternalId

__all__ = ["ClaimLink", "ErasedExternalId", "ServerKey"]

USE_NOTED_EVERY = timedelta(minutes=1)


class Mode(models.TextChoices):
    LIVE = "live", "live"
    TEST = "test", "test (sees and touches only test learners)"


def validate_scopes(scopes: object) -> None:
    known = set(Scope)
    if not isinstance(scopes, list) or not scopes or len(scopes) != len({*scopes} & known):
        raise ValidationError(_("Choose at least one of %(known)s.") % {"known": ", ".join(sorted(known))})


def validate_networks(text: str) -> None:
    for line in text.split():
        try:
            ip_network(line)
        except ValueError:
            raise ValidationError(
                _("%(line)s is not an IP address or a network such as 192.0.2.0/24.") % {"line": repr(line)}
            ) from None


class ServerKeyQuerySet(models.QuerySet["ServerKey"]):
    def accepted(self, at: datetime) -> Self:
        """Neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)


class ServerKey(models.Model):
    """One secret. To rotate a key is to make a second one of the same family, and to let the first one expire."""

    name = models.CharField(max_length=100, help_text="Which server uses it.")
    scopes = models.JSONField(default=list, validators=[validate_scopes])
    mode = models.CharField(max_length=4, choices=Mode.choices, default=Mode.LIVE)
    networks = models.TextField(
        blank=True,
        validators=[validate_networks],
        help_text="Addresses or networks that it may be used from, one a line; from everywhere if empty.",
    )
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: it does not expire.")
    prefix = models.CharField(max_length=20, unique=True, editable=False, help_text="How the key begins; no secret.")
    secret_hash = models.CharField(max_length=64, editable=False)
    # What counts together: rate limits and the daily XP, so that rotating a key gives no more of either.
    family = models.UUIDField(default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ServerKeyQuerySet.as_manager()
    history = ChangeHistory(leave_out=["secret_hash", "last_used_at"])

    # How `request.auth` is recognised by apps that do not know this model.
    is_server_key = True

    class Meta:
        default_permissions = ("view",)
        permissions = [("manage_server_keys", "Can create, rotate and revoke server keys")]
        indexes = [models.Index(fields=["family"], name="server_keys_by_family")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def is_test(self) -> bool:
        return self.mode == Mode.TEST

    def is_accepted(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def allows_address(self, address: str) -> bool:
        """`address` as `client_address` gives it; one that is unknown is in no network."""
        networks = [ip_network(line) for line in self.networks.split()]
        if not networks:
            return True
        try:
            own = ip_address(address)
        except ValueError:
            return False
        return any(own in network for network in networks)
