"""Who may call auth/link: a guest, and one that was linked already, whose call is repeated."""

from typing import Any

from skillquest.accounts import tokens
from skillquest.accounts.errors import InvalidToken
from skillquest.accounts.models import GuestLink, User
from skillquest.api.authentication import BearerAuthentication, bearer_token


class GuestAuthentication(BearerAuthentication):
    """As every bearer token; but the sessions of a guest end when it is linked, and the answer to that may get lost.

    So its last access token is accepted until it expires. The password, which is checked again, decides what it is good
    for.
    """

    def authenticate(self, request: Any) -> tuple[User, Any] | None:
        try:
            return super().authenticate(request)
        except InvalidToken:
            claims = tokens.read(bearer_token(request) or "", tokens.TokenKind.ACCESS)
            link = GuestLink.objects.select_related("guest").filter(guest=claims.user_id).first()
            if link is None:
                raise
            return link.guest, link
