"""Keys are made, rotated and revoked, and their use is noted."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from skillquest.accounts.security_log import note

from .key_tokens import KeyToken, make_token
from .models import USE_NOTED_EVERY, ServerKey


class KeyNotRotatable(APIException):
    status_code = 409
    default_code = "key_not_rotatable"


def create_key(key: ServerKey, *, actor: Any, at: datetime) -> KeyToken:
    """Save `key`, which staff have filled in, with a new secret. The token is nowhere else: show it once."""
    token = make_token(key.mode)
    key.prefix, key.secret_hash = token.prefix, token.hash
    key.created_by, key.created_at = actor, at
    key.save(force_insert=True)
    note("server_key_created", user_id=actor.pk, key=key.prefix, scopes=",".join(key.scopes))
    return token


@transaction.atomic
def rotate_key(key: ServerKey, *, actor: Any, until: datetime, at: datetime) -> tuple[ServerKey, KeyToken]:
    """A second key like `key`, which is accepted until `until`. Raise KeyNotRotatable, since no third one is."""
    family = ServerKey.objects.select_for_update(no_key=True).filter(family=key.family).order_by("pk")
    accepted = [one for one in family if one.is_accepted(at)]
    if [one.pk for one in accepted] != [key.pk]:
        raise KeyNotRotatable(_("Only a key that is accepted can be rotated, and while no other of its family is."))
    old = accepted[0]
    new = ServerKey(
        name=old.name,
        scopes=old.scopes,
        mode=old.mode,
        networks=old.networks,
        expires_at=old.expires_at,
        family=old.family,
    )
    token = create_key(new, actor=actor, at=at)
    old.expires_at = until if old.expires_at is None else min(until, old.expires_at)
    old.save(update_fields=["expires_at"])
    note("server_key_rotated", user_id=actor.pk, key=old.prefix, new_key=new.prefix)
    return new, token


@transaction.atomic
def revoke_key(key: ServerKey, *, actor: Any, at: datetime) -> bool:
    """At once, with every token that it has issued (`AuthSession.is_alive`). False where it was revoked before."""
    locked = ServerKey.objects.select_for_update(no_key=True).get(pk=key.pk)
    if locked.revoked_at is not None:
        return False
    locked.revoked_at = at
    locked.save(update_fields=["revoked_at"])
    note("server_key_revoked", user_id=actor.pk, key=locked.prefix)
    return True


def note_use(key: ServerKey, at: datetime) -> None:
    """When the key was used, to the minute: of requests at the same time, one writes."""
    due = Q(last_used_at=None) | Q(last_used_at__lte=at - USE_NOTED_EVERY)
    if key.last_used_at is None or key.last_used_at <= at - USE_NOTED_EVERY:
        ServerKey.objects.filter(due, pk=key.pk).update(last_used_at=at)
