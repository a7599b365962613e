"""A guest becomes a full account, or is merged into an existing one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction

from analytics.rolling.learners import mark_days_of
from gamification.leaderboards import refresh_listed
from gamification.models import LearnerKind, LearnerProfile
from skillquest.accounts import lockout
from skillquest.accounts.erasing import erase_person
from skillquest.accounts.errors import InvalidCredentials, SignInLocked
from skillquest.accounts.identifiers import counted_as
from skillquest.accounts.models import GuestDevice, GuestLink, User
from skillquest.accounts.security_log import note
from skillquest.accounts.services import refuse_name_of_somebody, refuse_taken_names, refuse_weak_password
from skillquest.accounts.sessions import open_session
from skillquest.accounts.tokens import TokenPair
from tracking.errors import MergeInterrupted
from tracking.merging.services import AT_MOST, merge_learners

from .errors import AccountNotLinkable, AlreadyLinked, NotAGuest

TRIES = 10  # while results of the guest come in between


@dataclass(frozen=True)
class Linked:
    """The account that the guest is now, with new tokens."""

    account: User
    was_merged: bool
    tokens: TokenPair


def become_account(*, guest: User, username: str, email: str, password: str, at: datetime, request: Any) -> Linked:
    """The guest's own row becomes a full account. A repeated call is answered again, if the password is right.

    Raise NotAGuest, AlreadyLinked, SignInLocked, InvalidCredentials, or ValidationError per field.
    """
    if link := link_of(guest):
        return _again(link, _signed_in(request, username, password), at)
    new = User(pk=guest.pk, username=username, email=User.objects.normalize_email(email))
    refuse_weak_password(password, new, field="password")
    refuse_name_of_somebody(new)
    try:
        account = _convert(guest.pk, new, password, at)
    except NotAGuest:
        # Another call may have linked the guest meanwhile.
        if link := link_of(guest):
            return _again(link, _signed_in(request, username, password), at)
        raise
    except IntegrityError:
        refuse_taken_names(new)
        raise
    note("guest_became_account", user_id=account.pk)
    return Linked(account, False, open_session(user=account, at=at))


@transaction.atomic
def _convert(guest_id: int, new: User, password: str, at: datetime) -> User:
    account = User.objects.select_for_update(no_key=True).get(pk=guest_id)
    profile = LearnerProfile.objects.select_for_update(no_key=True).get(pk=guest_id)
    refuse_others(profile)
    account.username, account.email = new.username, new.email
    account.set_password(password)
    account.skip_history_when_saving = True
    account.save()
    LearnerProfile.objects.filter(pk=guest_id).update(kind=LearnerKind.MEMBER)
    refresh_listed(guest_id, at=at)
    _remember(account, account, at)
    return account


def merge_into_account(*, guest: User, identifier: str, password: str, at: datetime, request: Any) -> Linked:
    """Everything of the guest goes to the account of these credentials. A repeated call is answered again.

    Raise as `sign_in` for wrong credentials; NotAGuest, AlreadyLinked, AccountNotLinkable, HistoryTooLong or
    MergeInterrupted.
    """
    account = _signed_in(request, identifier, password)
    if link := link_of(guest):
        return _again(link, account, at)
    try:
        merge_guest(guest_id=guest.pk, account_id=account.pk, at=at)
    except NotAGuest:
        # Another call may have linked the guest meanwhile.
        if link := link_of(guest):
            return _again(link, account, at)
        raise
    return Linked(account, True, open_session(user=account, at=at))


def merge_guest(*, guest_id: int, account_id: int, at: datetime, at_most: int | None = AT_MOST) -> None:
    """In one transaction, begun again where a result of the guest comes in between; the guest is erased."""
    for _ in range(TRIES - 1):
        try:
            return _merge(guest_id, account_id, at, at_most)
        except MergeInterrupted:
            continue
    return _merge(guest_id, account_id, at, at_most)


@transaction.atomic
def _merge(guest_id: int, account_id: int, at: datetime, at_most: int | None) -> None:
    users = {
        user.pk: user
        for user in User.objects.select_for_update(no_key=True).filter(pk__in=[guest_id, account_id]).order_by("pk")
    }
    kinds = dict(LearnerProfile.objects.filter(pk__in=users).values_list("pk", "kind"))
    account = users[account_id]
    if kinds.get(guest_id) != LearnerKind.GUEST or not users[guest_id].is_active:
        raise NotAGuest
    if kinds.get(account_id, LearnerKind.MEMBER) != LearnerKind.MEMBER:
        raise AccountNotLinkable
    if not account.is_active:
        raise InvalidCredentials
    mark_days_of([guest_id, account_id])
    merge_learners(guest_id=guest_id, account_id=account_id, at=at, at_most=at_most)
    # As one account it exists since the earlier of the two: results from before it count as of that moment.
    joined = min(account.date_joined, users[guest_id].date_joined)
    User.objects.filter(pk=account_id).update(date_joined=joined)
    erase_person(user_id=guest_id, at=at)
    _remember(users[guest_id], account, at)
    note("guest_merged", user_id=account_id, guest=guest_id)


def link_of(guest: User) -> GuestLink | None:
    return GuestLink.objects.filter(guest=guest).first()


def is_or_was_guest(user: User) -> bool:
    is_guest = LearnerProfile.objects.filter(pk=user.pk, kind=LearnerKind.GUEST, erased_at=None).exists()
    return is_guest or link_of(user) is not None


def refuse_others(profile: LearnerProfile) -> None:
    if profile.kind != LearnerKind.GUEST or profile.erased_at:
        raise NotAGuest


def _remember(guest: User, account: User, at: datetime) -> None:
    """From now on the device begins with a new guest."""
    GuestDevice.objects.filter(user=guest).delete()
    GuestLink.objects.create(guest=guest, account=account, created_at=at)
    guest.auth_sessions.end(at)


def _signed_in(request: Any, identifier: str, password: str) -> User:
    """As at a sign-in, so that this is no other way to guess passwords. Raise SignInLocked or InvalidCredentials."""
    if wait := lockout.seconds_locked(request, counted_as(request, identifier)):
        raise SignInLocked(wait=wait)
    user = authenticate(request, username=identifier, password=password)
    if user is None:
        raise InvalidCredentials
    account: User = User.objects.get(pk=user.pk)
    return account


def _again(link: GuestLink, account: User, at: datetime) -> Linked:
    if link.account_id != account.pk:
        raise AlreadyLinked
    return Linked(account, link.was_merged, open_session(user=account, at=at))
