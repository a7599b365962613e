"""auth/guest and auth/link."""

from django.utils import timezone
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from skillquest.accounts import lockout
from skillquest.accounts.identifiers import counted_as
from skillquest.accounts.views import AccountView, PublicView
from skillquest.api.authentication import CookieAuthentication
from skillquest.api.ratelimits import charge_address

from . import docs
from .authentication import GuestAuthentication
from .devices import enter_as_guest
from .errors import NotAGuest
from .linking import become_account, is_or_was_guest, merge_into_account
from .serializers import GuestSerializer, GuestTokensSerializer, LinkedSerializer, LinkSerializer


class GuestView(PublicView):
    # A classroom begins together, from one address.
    rate_limit = "sign_in"
    serializer_class = GuestSerializer

    @docs.guest
    def post(self, request: Request) -> Response:
        pair = enter_as_guest(**self.validated(request), at=timezone.now())
        return Response(GuestTokensSerializer({**vars(pair), "guest": True}).data, status=status.HTTP_201_CREATED)


class LinkView(AccountView):
    rate_limit = "sign_in"
    authentication_classes = [GuestAuthentication, CookieAuthentication]
    serializer_class = LinkSerializer

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if not is_or_was_guest(request.user):
            raise NotAGuest

    def check_throttles(self, request: Request) -> None:
        """By the address too: whoever makes many guests has no more attempts to guess passwords."""
        charge_address(request, self.rate_limit)
        super().check_throttles(request)

    def rate_limit_name(self, request: Request) -> str | None:
        name = request.data.get("identifier") or request.data.get("username")
        return name and lockout.budget_of(request, counted_as(request, name))

    @docs.link
    def post(self, request: Request) -> Response:
        fields = self.validated(request)
        link = merge_into_account if "identifier" in fields else become_account
        linked = link(guest=request.user, **fields, at=timezone.now(), request=request)
        return Response(LinkedSerializer(linked).data)
