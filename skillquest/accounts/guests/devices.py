"""Signing a device in as its guest, and erasing guests who do not come back."""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.errors import InvalidCredentials
from skillquest.accounts.models import AuthSession, GuestDevice, User
from skillquest.accounts.security_log import note
from skillquest.accounts.sessions import open_session
from skillquest.accounts.tokens import TokenPair

TRIES = 3  # to find or make the guest of a device


def enter_as_guest(*, device_id: UUID, time_zone: str, at: datetime) -> TokenPair:
    """Tokens of the guest of this device, who is made at the first call. `time_zone` is that of a new guest."""
    device_hash = hash_of(device_id)
    for _ in range(TRIES - 1):
        try:
            return open_session(user=_find(device_hash) or _make(device_hash, time_zone, at), at=at)
        except (IntegrityError, InvalidCredentials):
            # Another call has made the guest, or a sweep has erased it, meanwhile.
            continue
    return open_session(user=_find(device_hash) or _make(device_hash, time_zone, at), at=at)


def hash_of(device_id: UUID) -> str:
    """Without a key, as the ids are random; and so devices keep their guests when SECRET_KEY is replaced."""
    return hashlib.sha256(b"skillquest.accounts.guests:" + device_id.bytes).hexdigest()


def _find(device_hash: str) -> User | None:
    return User.objects.filter(guest_device__device_hash=device_hash).first()


@transaction.atomic
def _make(device_hash: str, time_zone: str, at: datetime) -> User:
    user = User(username=f"guest-{secrets.token_hex(10)}", date_joined=at)
    user.set_unusable_password()
    user.skip_history_when_saving = True  # the history is that of changes by staff
    user.save(force_insert=True)
    LearnerProfile.objects.create(user=user, kind=LearnerKind.GUEST, listed=False, time_zone=time_zone)
    GuestDevice.objects.create(user=user, device_hash=device_hash, created_at=at)
    note("guest_made", user_id=user.pk)
    return user


def idle_guests(at: datetime) -> QuerySet[User]:
    """Who has not signed in, nor refreshed a token, for settings.GUEST_EXPIRE_AFTER. An access token lives shorter."""
    since = at - settings.GUEST_EXPIRE_AFTER
    lately = AuthSession.objects.filter(user=OuterRef("pk"), rotated_at__gte=since)
    guests = User.objects.filter(profile__kind=LearnerKind.GUEST, profile__erased_at=None, date_joined__lt=since)
    return guests.filter(Q(last_login=None) | Q(last_login__lt=since)).exclude(Exists(lately))


def sweep_guests(*, at: datetime) -> Iterator[int]:
    """Erase guests who have been idle for too long, each in a transaction; yields their ids."""
    for guest_id in list(idle_guests(at).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            # The lock that a sign-in waits for; whoever has come back meanwhile stays.
            locked = User.objects.select_for_update(no_key=True).filter(pk=guest_id)
            if locked and idle_guests(at).filter(pk=guest_id).exists():
                erase_person(user_id=guest_id, at=at)
                yield guest_id
