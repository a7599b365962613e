"""Passwords reset by mail, without revealing who has an account."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse
from django.utils.http import base36_to_int, int_to_base36
from django.utils.translation import gettext_lazy as _
from django_ratelimit.core import get_usage

from . import lockout, mailing
from .email_addresses import normal_form
from .errors import InvalidResetToken
from .identifiers import key_of
from .models import User
from .security_log import note
from .services import refuse_weak_password, replace_password
from .sessions import end_sessions

MAILS_AN_HOUR = 3  # to one address


class ResetTokens(PasswordResetTokenGenerator):
    """Django's tokens end with time, a sign-in, another password or address; these also when all sessions are ended."""

    key_salt = "skillquest.accounts.resets"

    def _make_hash_value(self, user, timestamp) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.sign_in_generation}"


tokens = ResetTokens()


def ask_for_reset(*, email: str, request) -> None:
    """Mail a link to the user with this address; the same work where there is none.

    Beyond a few mails an hour nothing is sent, and no error is reported: the links that were sent still work.
    """
    user = User.objects.with_email(email).first()
    wanted = is_wanted(request, email)
    to = user if user and wanted and user.is_active and user.has_usable_password() else User(pk=0)
    message = mailing.compose(
        "password_reset",
        to=to,
        subject=_("A new password for SkillQuest"),
        context={"name": to.get_full_name(), "link": link_with(token_for(to))},
    )
    mailing.post(message)
    note("password_reset_asked", user_id=to.pk or None)


def link_with(token: str) -> str:
    return settings.SITE_URL + reverse("reset-link", args=[token])


def is_wanted(request, email: str) -> bool:
    usage = get_usage(
        request, group="resets", key=lambda *_: normal_form(email), rate=(MAILS_AN_HOUR, 3600), increment=True
    )
    return usage is None or not usage["should_limit"]


def token_for(user: User) -> str:
    return f"{int_to_base36(user.pk)}-{tokens.make_token(user)}"


def person_of(token: str) -> User:
    """The user who may set a new password with it. Raises InvalidResetToken."""
    number, _, rest = token.partition("-")
    try:
        user = User.objects.filter(pk=base36_to_int(number), is_active=True).first() or User(pk=0)
    except (ValueError, OverflowError):
        raise InvalidResetToken from None
    if not tokens.check_token(user, rest) or not user.pk:
        raise InvalidResetToken
    return user


def is_valid(token: str) -> bool:
    try:
        return person_of(token).is_active
    except InvalidResetToken:
        return False


def reset_password(*, token: str, new_password: str, at: datetime, request) -> None:
    """Works once, and signs the person out everywhere. Raises InvalidResetToken, or ValidationError by field."""
    user = person_of(token)
    refuse_weak_password(new_password, user, field="new_password")
    with transaction.atomic():
        if not replace_password(user, new_password):
            raise InvalidResetToken
        end_sessions(user=user, at=at)
    lockout.forget_failures(request, key_of(user))
    note("password_reset", user_id=user.pk)
