"""A deprecated operation says so in every answer and in the schema."""

from datetime import date

import pytest
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.serializers import IntegerField, Serializer
from rest_framework.viewsets import GenericViewSet

from apidocs.deprecations import Deprecation, deprecated
from apidocs.operations import documented
from skillquest import urls as real
from skillquest.api.schema.documents import JSON

pytestmark = pytest.mark.urls(__name__)

SINCE, SUNSET = date(2026, 12, 1), date(2027, 6, 1)
HEADERS = {
    "Deprecation": "@1796083200",
    "Sunset": "Tue, 01 Jun 2027 00:00:00 GMT",
    "Link": '</api/v1/docs>; rel="deprecation"; type="text/html"',
}


class CountSerializer(Serializer):
    count = IntegerField()


class CountView(GenericAPIView):
    serializer_class = CountSerializer
    permission_classes = [AllowAny]

    @deprecated(since=SINCE, sunset=SUNSET)
    @documented("Levels", "countLevels", "How many levels there are", responses=CountSerializer, raises=[NotFound])
    def get(self, request):
        if request.headers.get("Fail"):
            raise NotFound
        return Response({"count": 3})

    @documented(
        "Levels", "setCount", "Say how many levels there are", request=CountSerializer, responses=CountSerializer
    )
    def put(self, request):
        return Response(request.data)


class PrivateCountView(CountView):
    permission_classes = GenericAPIView.permission_classes


class CountViewSet(GenericViewSet):
    permission_classes = [AllowAny]

    @deprecated(since=SINCE, sunset=SUNSET)
    @documented("Levels", "listCounts", "Counts", responses=CountSerializer)
    def list(self, _request):
        return Response({"count": 3})


counts = [
    path("count", CountView.as_view()),
    path("private", PrivateCountView.as_view()),
    path("counts", CountViewSet.as_view({"get": "list"})),
]
urlpatterns = [path("api/v1/", include(counts)), *real.urlpatterns]


def sent(answer):
    return {name: answer[name] for name in HEADERS if name in answer}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator(patterns=[path("api/v1/", include(counts))]).get_schema(public=True)


@pytest.mark.parametrize(("path", "status"), [("count", 200), ("counts", 200), ("private", 401)])
def test_every_answer_of_a_deprecated_operation_says_so(api, path, status):
    for ask in (api.get, api.head):
        answer = ask(f"/api/v1/{path}")
        assert (answer.status_code, sent(answer)) == (status, HEADERS)


def test_its_errors_say_so_too(api):
    answer = api.get("/api/v1/count", headers={"Fail": "1"})
    assert (answer.status_code, sent(answer)) == (404, HEADERS)


@pytest.mark.parametrize(("method", "path"), [("put", "count"), ("post", "count"), ("get", "nothing")])
def test_other_operations_say_nothing(api, method, path):
    assert sent(getattr(api, method)(f"/api/v1/{path}", {"count": 3})) == {}


def test_schema_marks_the_operation_and_declares_the_headers(schema):
    for name in ("count", "counts"):
        operation = schema["paths"][f"/api/v1/{name}"]["get"]
        assert (operation["deprecated"], operation["x-sunset"]) == (True, "2027-06-01")
        assert (
            HEADERS.keys() <= operation["responses"]["200"]["headers"].keys() <= schema["components"]["headers"].keys()
        )


def test_schema_keeps_what_the_operation_was_described_with(schema):
    operation = schema["paths"]["/api/v1/count"]["get"]
    assert operation["operationId"] == "countLevels"
    assert "404" in operation["responses"]
    assert JSON in operation["responses"]["200"]["content"]


def test_other_methods_of_the_view_are_not_marked(schema):
    operation = schema["paths"]["/api/v1/count"]["put"]
    assert not {"deprecated", "x-sunset"} & operation.keys()
    assert not HEADERS.keys() & operation["responses"]["200"]["headers"].keys()


def test_nothing_is_removed_sooner_than_half_a_year_after_it_was_deprecated():
    with pytest.raises(ValueError, match="180 days"):
        Deprecation(since=date(2026, 12, 1), sunset=date(2027, 5, 29))
    assert Deprecation(since=date(2026, 12, 1), sunset=date(2027, 5, 30)).sunset == date(2027, 5, 30)
