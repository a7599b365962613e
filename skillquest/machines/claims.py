"""One-time links with which a person takes over an account that a server created for them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from skillquest.accounts.models import User
from skillquest.accounts.security_log import note
from skillquest.accounts.services import refuse_name_of_somebody, refuse_taken_names, refuse_weak_password

from .learners import locked_learner, people_with_rights, refusal_of
from .learners_errors import AlreadyClaimed
from .models import ClaimLink, ServerKey

LIFETIME = timedelta(days=7)


class DeadLinkError(Exception):
    """Used, replaced by a newer one, expired, of a key that was revoked, or for an account that keys may not touch."""


@dataclass(frozen=True)
class NewLink:
    url: str
    expires_at: datetime


@transaction.atomic
def make_claim_link(*, external_id: str, key: ServerKey, at: datetime) -> NewLink:
    """Replaces an earlier link. Raises AlreadyClaimed, LearnerNotFound, LearnerDeactivated and LearnerErased."""
    person = locked_learner(external_id, is_test=key.is_test, at=at)
    if person.has_usable_password():
        raise AlreadyClaimed
    token, expires_at = secrets.token_urlsafe(32), at + LIFETIME
    link = {"server_key": key, "token_hash": hash_of(token), "created_at": at, "expires_at": expires_at}
    ClaimLink.objects.update_or_create(user=person, defaults=link)
    note("claim_link_issued", user_id=person.pk, key=key.prefix)
    return NewLink(settings.SITE_URL + reverse("claim-link", args=[token]), expires_at)


def hash_of(token: str) -> str:
    """SHA-256 is enough for 256 random bits."""
    return sha256(token.encode()).hexdigest()


def claimable(token: str, *, at: datetime) -> User:
    """The account that the link is for. Raises DeadLinkError."""
    links = ClaimLink.objects.filter(token_hash=hash_of(token), expires_at__gt=at, server_key__revoked_at=None)
    link = links.select_related("server_key").first()
    if link is None:
        raise DeadLinkError
    person = people_with_rights().get(pk=link.user_id)
    if person.has_usable_password() or refusal_of(person, is_test=link.server_key.is_test):
        raise DeadLinkError
    return person


def is_valid(token: str, *, at: datetime) -> bool:
    try:
        claimable(token, at=at)
    except DeadLinkError:
        return False
    return True


def claim_account(*, token: str, username: str, email: str, password: str, at: datetime) -> User:
    """The person chooses how to sign in; XP and external id stay. All short tokens end, because the password changes.

    Raises DeadLinkError, and ValidationError by field.
    """
    try:
        with transaction.atomic():
            user = locked_claimable(token, at)
            user.username, user.email = username, User.objects.normalize_email(email)
            refuse_weak_password(password, user, field="password")
            refuse_name_of_somebody(user)
            user.set_password(password)
            user.skip_history_when_saving = True  # the history is that of changes by staff
            user.save(update_fields=["username", "email", "password"])
            ClaimLink.objects.filter(user=user).delete()
    except IntegrityError:
        refuse_taken_names(user)
        raise
    note("account_claimed", user_id=user.pk)
    return user


def locked_claimable(token: str, at: datetime) -> User:
    """Two requests with one link wait for each other here, and the second one finds it used."""
    user = claimable(token, at=at)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return claimable(token, at=at)
