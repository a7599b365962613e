"""What takes a sign-in of the person, because a token that a game's server issued is not enough."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class OwnSignInNeeded(PermissionDenied):
    default_code = "own_sign_in_needed"
    default_detail = _("This takes a sign-in of the person; the token of a game's server is not enough.")


def is_short_token(request: Request) -> bool:
    """Whether a server key issued the token of this request."""
    return getattr(request.auth, "server_key_id", None) is not None


class NotByShortToken(BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 (DRF's signature)
        if is_short_token(request):
            raise OwnSignInNeeded
        return True
