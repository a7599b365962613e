"""Register, sign in, change the password and the settings of an account."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError as InvalidValue
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from gamification.awards import PlayerLevel, player_level, profile_of
from gamification.errors import LearnerErased
from gamification.leaderboards import refresh_listed
from gamification.models import LearnerProfile
from gamification.streaks import change_time_zone

from . import display_names, lockout
from .errors import InvalidCredentials, SignInLocked
from .identifiers import counted_as
from .models import EMAIL_TAKEN, User
from .security_log import note
from .sessions import open_session
from .tokens import TokenPair

CHOICES_OF_USER = ("display_name", "language")


@dataclass(frozen=True)
class Account:
    user: User
    profile: LearnerProfile
    rank: PlayerLevel


def account_of(user: User) -> Account:
    profile = profile_of(user)
    return Account(user, profile, player_level(profile.total_xp))


def register(
    *, username: str, email: str, password: str, at: datetime, time_zone: str = "UTC", language: str = "en"
) -> User:
    """Raises ValidationError per field: a name that is taken or looks like another person's, or a weak password."""
    user = User(username=username, email=User.objects.normalize_email(email), language=language, date_joined=at)
    refuse_weak_password(password, user, field="password")
    refuse_name_of_somebody(user)
    user.set_password(password)
    user.skip_history_when_saving = True  # the history is that of changes by staff
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            LearnerProfile.objects.create(user=user, time_zone=time_zone)
    except IntegrityError:
        refuse_taken_names(user)
        raise
    note("registered", user_id=user.pk)
    return user


def refuse_weak_password(password: str, user: User, *, field: str) -> None:
    try:
        password_validation.validate_password(password, user)
    except InvalidValue as weak:
        raise ValidationError({field: weak.messages}) from None


def refuse_name_of_somebody(user: User) -> None:
    try:
        display_names.refuse_name_of_somebody(user.username, user)
    except InvalidValue as refused:
        raise ValidationError(refused.message_dict) from None


def refuse_taken_names(user: User) -> None:
    """Report which name the database refused. The other account is committed by now, so a query finds it."""
    others, taken = User.objects.exclude(pk=user.pk), {}
    if others.with_username(user.username).exists():
        taken["username"] = [_("This username is taken.")]
    if others.with_email(user.email).exists():
        taken["email"] = [EMAIL_TAKEN]
    if taken:
        raise ValidationError(taken)


def sign_in(*, identifier: str, password: str, at: datetime, request) -> TokenPair:
    """The same refusal for an unknown name, a wrong password and a deactivated account."""
    if wait := lockout.seconds_locked(request, counted_as(request, identifier)):
        raise SignInLocked(wait=wait)
    user = authenticate(request, username=identifier, password=password)
    if user is None:
        raise InvalidCredentials
    return open_session(user=user, at=at)


def change_password(*, user: User, old_password: str, new_password: str, at: datetime, request) -> None:
    """Ends every session, by token and by cookie. Raises ValidationError per field, and SignInLocked."""
    confirm_password(user=user, password=old_password, field="old_password", request=request)
    refuse_weak_password(new_password, user, field="new_password")
    with transaction.atomic():
        if not replace_password(user, new_password):
            raise not_your_password("old_password")
        user.auth_sessions.end(at)
    note("password_changed", user_id=user.pk)


def confirm_password(*, user: User, password: str, field: str, request) -> None:
    """Limits guesses on an unlocked device of somebody else. Raises ValidationError and SignInLocked."""
    account = f"password of {user.pk}"
    if wait := lockout.seconds_locked(request, account):
        raise SignInLocked(wait=wait)
    if not user.check_password(password):
        lockout.count_failure(request, account)
        note("password_refused", user_id=user.pk)
        raise not_your_password(field)


def not_your_password(field: str) -> ValidationError:
    return ValidationError({field: [_("This is not your password.")]})


def replace_password(user: User, new_password: str) -> bool:
    """False where the password has changed since `user` was read: of two simultaneous changes one succeeds."""
    old, user.password = user.password, make_password(new_password)
    rows = User.objects.filter(pk=user.pk, password=old, is_active=True)
    return bool(rows.update(password=user.password))


def change_account(*, user: User, changes: dict, at: datetime) -> Account:
    """`changes` holds any of the names above, `time_zone` or `leaderboard_opt_out`.

    Raises TimeZoneChangeTooSoon, ValidationError by field, and LearnerErased where that happened meanwhile.
    """
    profile = profile_of(user)
    with transaction.atomic():
        if not User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True):
            raise LearnerErased
        refuse_display_name(user, changes.get("display_name", ""))
        save_fields(user, {name: changes[name] for name in CHOICES_OF_USER if name in changes})
        if "time_zone" in changes:
            change_time_zone(user.pk, changes["time_zone"], at=at)
        if "leaderboard_opt_out" in changes:
            save_fields(profile, {"leaderboard_opt_out": changes["leaderboard_opt_out"]})
            refresh_listed(user.pk, at=at)
    return account_of(user)


def refuse_display_name(user: User, name: str) -> None:
    """A new name that is not allowed. Raises ValidationError by field."""
    if name in ("", user.display_name):
        return
    try:
        display_names.refuse_impersonation(name, user)
        display_names.count_change(user)
    except InvalidValue as refused:
        raise ValidationError(refused.message_dict) from None


def save_fields(row, values: dict) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    if values:
        row.save(update_fields=values)
