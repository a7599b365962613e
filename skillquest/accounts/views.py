"""auth/: register, tokens, and me."""

from contextlib import ExitStack
from tempfile import SpooledTemporaryFile

from django.contrib.auth import logout, update_session_auth_hash
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from skillquest.api.parsing import StrictFormParser, StrictJSONParser

from . import docs, erasing, exporting, lockout, resets, services, sessions
from .identifiers import counted_as
from .own_sign_in import NotByShortToken, OwnSignInNeeded, is_short_token
from .serializers import (
    AccountSerializer,
    AskForResetSerializer,
    ChangeAccountSerializer,
    ChangePasswordSerializer,
    EraseSerializer,
    ExportSerializer,
    LoginSerializer,
    LogoutSerializer,
    NewAccountSerializer,
    RefreshSerializer,
    RegisterSerializer,
    ResetPasswordSerializer,
    TokenPairSerializer,
)

EXPORT_IN_MEMORY = 1024 * 1024  # bytes; larger ones are files on disk until they are sent
JSON, AS_FILE = "application/json", {"Content-Disposition": 'attachment; filename="skillquest.json"'}


class AccountView(GenericAPIView):
    def validated(self, request) -> dict:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data


class PublicView(AccountView):
    rate_limit = "auth"
    # A bad token must not prevent signing in.
    authentication_classes = []
    permission_classes = [AllowAny]


def token_answer(pair) -> Response:
    return Response(TokenPairSerializer(pair).data)


class RegisterView(PublicView):
    serializer_class = RegisterSerializer

    @docs.register
    def post(self, request) -> Response:
        user = services.register(**self.validated(request), at=timezone.now())
        return Response(NewAccountSerializer(services.account_of(user)).data, status=status.HTTP_201_CREATED)


class LoginView(PublicView):
    rate_limit = "sign_in"
    serializer_class = LoginSerializer
    parser_classes = [StrictJSONParser, StrictFormParser]

    def rate_limit_name(self, request) -> str | None:
        name = request.data.get("username")
        return name and lockout.budget_of(request, counted_as(request, name))

    @docs.login
    def post(self, request) -> Response:
        fields = self.validated(request)
        pair = services.sign_in(
            identifier=fields["username"], password=fields["password"], at=timezone.now(), request=request
        )
        return token_answer(pair)


class RefreshView(PublicView):
    serializer_class = RefreshSerializer
    # Tokens cannot be guessed, and a class behind one address refreshes together.
    rate_limit = "write"

    @docs.refresh
    def post(self, request) -> Response:
        return token_answer(sessions.refresh(**self.validated(request), at=timezone.now()))


class LogoutView(PublicView):
    serializer_class = LogoutSerializer
    rate_limit = "write"

    @docs.logout
    def post(self, request) -> Response:
        sessions.sign_out(**self.validated(request), at=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordView(AccountView):
    rate_limit = "auth"
    permission_classes = [IsAuthenticated, NotByShortToken]
    serializer_class = ChangePasswordSerializer

    @docs.password
    def post(self, request) -> Response:
        services.change_password(user=request.user, **self.validated(request), at=timezone.now(), request=request)
        if request.auth is None:
            # The browser of this request stays signed in.
            update_session_auth_hash(request._request, request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AskForResetView(PublicView):
    serializer_class = AskForResetSerializer

    @docs.ask_for_reset
    def post(self, request) -> Response:
        resets.ask_for_reset(**self.validated(request), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResetPasswordView(PublicView):
    serializer_class = ResetPasswordSerializer

    @docs.reset_password
    def post(self, request) -> Response:
        resets.reset_password(**self.validated(request), at=timezone.now(), request=request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MeView(AccountView):
    SERIALIZERS = {"PATCH": ChangeAccountSerializer, "DELETE": EraseSerializer}

    def get_serializer_class(self) -> type[Serializer]:
        return self.SERIALIZERS.get(self.request.method, AccountSerializer)

    @property
    def rate_limit(self) -> str | None:
        # A password is sent, so it could be guessed.
        return "auth" if self.request.method == "DELETE" else None

    def get_permissions(self) -> list[BasePermission]:
        by_password = [NotByShortToken()] if self.request.method == "DELETE" else []
        return [*super().get_permissions(), *by_password]

    def answer(self, account: services.Account) -> Response:
        """How a person signs in is not shown to a game."""
        hidden = {"username": "", "email": ""} if is_short_token(self.request) else {}
        return Response(AccountSerializer(account).data | hidden)

    @docs.get_me
    def get(self, request) -> Response:
        return self.answer(services.account_of(request.user))

    @docs.patch_me
    def patch(self, request) -> Response:
        if is_short_token(request) and request.user.has_usable_password():
            raise OwnSignInNeeded
        account = services.change_account(user=request.user, changes=self.validated(request), at=timezone.now())
        return self.answer(account)

    @docs.erase_me
    def delete(self, request) -> Response:
        services.confirm_password(user=request.user, **self.validated(request), field="password", request=request)
        erasing.erase_person(user_id=request.user.pk, at=timezone.now())
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportView(AccountView):
    # Long histories take a while to read.
    rate_limit = "export"
    permission_classes = [IsAuthenticated, NotByShortToken]
    serializer_class = ExportSerializer

    @docs.export
    def get(self, request) -> HttpResponseBase:
        with ExitStack() as stack:
            file = stack.enter_context(SpooledTemporaryFile(max_size=EXPORT_IN_MEMORY))
            exporting.write_export(file, request.user, at=timezone.now())
            size = file.tell()
            file.seek(0)
            if size <= EXPORT_IN_MEMORY:
                return HttpResponse(file.read(), content_type=JSON, headers=AS_FILE)
            stack.pop_all()  # the server closes the file when it is sent
            # Not from the database, which would have to wait for a slow client.
            return FileResponse(file, content_type=JSON, headers=AS_FILE)
