"""Errors of authentication."""

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled


class InvalidToken(AuthenticationFailed):
    default_code = "invalid_token"
    default_detail = _("This token is not valid, or is not valid any more. Sign in again.")


class TokenExpired(AuthenticationFailed):
    default_code = "token_expired"
    default_detail = _("This token has expired. Use the refresh token, or sign in again.")


class InvalidCredentials(AuthenticationFailed):
    default_code = "invalid_credentials"
    default_detail = _("No active account has this name and password.")


class SignInLocked(Throttled):
    """Takes `wait`, the seconds until the next attempt."""

    default_code = "sign_in_locked"
    default_detail = _("Too many failed attempts to sign in with this name.")
    extra_detail_singular = _("Try again in {wait} second.")
    extra_detail_plural = _("Try again in {wait} seconds.")


class InvalidResetToken(APIException):
    status_code = 400
    default_code = "invalid_reset_token"
    default_detail = _("This link is not valid, or is not valid any more. Ask for a new one.")


class CSRFFailed(APIException):
    status_code = 403
    default_code = "csrf_failed"
    default_detail = _("A request signed in by cookie must carry the CSRF token in the header X-CSRFToken.")
