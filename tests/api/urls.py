"""Views for tests of the API's infrastructure, with the real middleware and beside the real paths."""

import sqlite3
from datetime import datetime, timedelta, timezone

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.http import Http404, HttpResponse
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from skillquest import urls
from skillquest.accounts.models import User
from skillquest.api.parsing import StrictFormParser, StrictJSONParser


class ReferenceField(serializers.Field):
    json_types = (str, int)

    def to_internal_value(self, data):
        return data


class PartSerializer(serializers.Serializer):
    count = serializers.IntegerField()


class ResultSerializer(serializers.Serializer):
    score = serializers.IntegerField(min_value=0, max_value=1000)
    name = serializers.CharField()
    fair = serializers.BooleanField(required=False)
    ratio = serializers.FloatField(required=False)
    note = serializers.CharField(required=False, allow_null=True)
    kind = serializers.ChoiceField(choices=["easy", "hard"], required=False)
    event = serializers.UUIDField(required=False)
    moment = serializers.DateTimeField(required=False)
    tags = serializers.ListField(child=serializers.CharField(), required=False)
    sizes = serializers.DictField(child=serializers.IntegerField(), required=False)
    part = PartSerializer(required=False)
    parts = PartSerializer(many=True, required=False)
    anything = serializers.JSONField(required=False)
    reference = ReferenceField(required=False)
    id = serializers.IntegerField(read_only=True)
    owner = serializers.HiddenField(default="system")

    def validate(self, attrs):
        if attrs["name"] == "unlucky":
            raise serializers.ValidationError("This name brings bad luck.", code="bad_luck")
        return attrs


class ResultView(GenericAPIView):
    serializer_class = ResultSerializer
    permission_classes = [AllowAny]

    def post(self, request):
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(request.data)


class PrivateResultView(ResultView):
    permission_classes = GenericAPIView.permission_classes


class LargeResultView(ResultView):
    body_limit = 1024 * 1024


class SignInSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField()


class SignInView(ResultView):
    serializer_class = SignInSerializer
    parser_classes = [StrictJSONParser, StrictFormParser]
    authentication_classes = []
    rate_limit = "auth"

    def rate_limit_name(self, request):
        return request.data.get("username")

    def post(self, request):
        if request.data.get("password") == "wrong":
            raise exceptions.AuthenticationFailed("No active account has this name and password.")
        return super().post(request)


class LevelLocked(exceptions.APIException):
    status_code = 403
    default_code = "level_locked"
    default_detail = "Finish level-1 first."
    extra = {"missing": ["level-1"]}


def database_error(kind, **code):
    """An error of Django, caused by an error of the driver."""
    cause = sqlite3.OperationalError("SELECT secret FROM vault")
    for name, value in code.items():
        setattr(cause, name, value)
    error = kind("SELECT secret FROM vault")
    error.__cause__ = cause
    return error


FAILURES = {
    "domain": LevelLocked(),
    "missing": Http404("No Vault matches the given query."),
    "forbidden": PermissionDenied("secret"),
    "bad": BadRequest("Say it in other words."),
    "suspicious": SuspiciousOperation("secret"),
    "big": RequestDataTooBig("settings.DATA_UPLOAD_MAX_MEMORY_SIZE"),
    "lock": database_error(OperationalError, sqlstate="55P03"),
    "deadlock": database_error(OperationalError, sqlstate="40P01"),
    "serialization": database_error(OperationalError, sqlstate="40001"),
    "gone": database_error(OperationalError),
    "closed": InterfaceError("connection already closed"),
    "busy": database_error(OperationalError, sqlite_errorname="SQLITE_BUSY"),
    "taken": database_error(IntegrityError, sqlstate="23505"),
    "check": database_error(IntegrityError, sqlstate="23514"),
    "table": database_error(OperationalError, sqlite_errorname="SQLITE_ERROR"),
    "bug": ZeroDivisionError("secret"),
    "list": exceptions.ValidationError(["First.", "Second."]),
    "nested": exceptions.ValidationError({"events": [{}, {"score": ["Too large."]}], "name": "Too long."}),
}


class FailureView(APIView):
    permission_classes = [AllowAny]
    throttle_classes = []

    def get(self, _request, name):
        raise FAILURES[name]


class DatabaseView(APIView):
    permission_classes = [AllowAny]

    def get(self, request):
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in request.query_params["statement"].split("; "):
                cursor.execute(statement)
        return Response({})


class AnswerView(APIView):
    permission_classes = [AllowAny]
    cache_control = "private, no-cache"

    def get(self, _request):
        jakarta = timezone(timedelta(hours=7))
        return Response({"text": "naïve — 漢字", "moment": datetime(2026, 11, 20, 7, 0, 0, 5, tzinfo=jakarta)})

    def put(self, _request):
        return Response([1, 2])

    def delete(self, _request):
        return Response(status=204)


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "username"]


class UsersView(ListAPIView):
    serializer_class = UserSerializer
    query_parameters = frozenset({"ordering"})
    permission_classes = [AllowAny]

    def get_queryset(self):
        ordering = self.request.query_params.get("ordering", "username")
        return User.objects.order_by(*ordering.split(","))


def broken_page(request):
    raise ZeroDivisionError("secret")


def refused_page(request):
    raise BadRequest("Say it in other words.")


def page(request):
    return HttpResponse(f"{request.path_info} {request.body.decode()}")


def both(route, view):
    return [path(f"api/v1/{route}", view), path(route, view)]


urlpatterns = [
    path("api/v1/results", ResultView.as_view()),
    path("api/v1/private", PrivateResultView.as_view()),
    path("api/v1/large", LargeResultView.as_view()),
    path("api/v1/sign-in", SignInView.as_view()),
    path("api/v1/failures/<name>", FailureView.as_view()),
    path("api/v1/database", DatabaseView.as_view()),
    path("api/v1/answer", AnswerView.as_view()),
    path("api/v1/users", UsersView.as_view()),
    *both("broken", broken_page),
    *both("refused", refused_page),
    path("page", page),
    path("", page),
    *urls.urlpatterns,
]

handler400 = "skillquest.api.errors.bad_request"
handler403 = "skillquest.api.errors.permission_denied"
handler404 = "skillquest.api.errors.not_found"
handler500 = "skillquest.api.errors.server_error"
