import io
import logging
import re

import pytest
from django.conf import settings as django_settings
from django.test import RequestFactory

from skillquest.api.middleware import ReadableRequestMiddleware, RequestIdFilter, current_request_id
from tests.api.helpers import problem_of

pytestmark = pytest.mark.urls("tests.api.urls")


@pytest.mark.parametrize("given", ["a", "9b2c.A_-", "x" * 128])
def test_a_valid_request_id_is_returned(client, given):
    assert client.get("/page", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\n", "é", "<script>", "a;b"])
def test_an_invalid_request_id_is_replaced(client, given):
    answer = client.get("/page", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])


def test_every_request_has_its_own_id(client):
    assert client.get("/page")["X-Request-ID"] != client.get("/page")["X-Request-ID"]


def test_a_log_line_contains_the_request_id():
    record = logging.makeLogRecord({})
    current_request_id.set("abc")

    assert RequestIdFilter().filter(record)
    assert record.request_id == "abc"


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health_needs_neither_the_database_nor_a_known_host(client, path):
    # This test has no access to the database, so a query would make it fail.
    answer = client.get(path, headers={"Host": "10.0.0.7"})

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["X-Request-ID"]


def test_pages_of_every_origin_may_read_the_health(client):
    answer = client.get("/health", headers={"Origin": "https://anywhere.example"})

    assert answer["Access-Control-Allow-Origin"] == "*"


def test_health_accepts_get_and_head_only(client):
    assert client.head("/health").status_code == 200
    assert client.post("/health").status_code == 404


@pytest.mark.parametrize("path", ["/page", "/nothing", "/api/v1/answer", "/api/v1/nothing"])
def test_every_answer_has_a_strict_content_security_policy(client, path):
    assert client.get(path)["Content-Security-Policy"] == (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    )


@pytest.mark.parametrize("path", ["/api/v1/answer", "/api/v1/answer/", "/page", "/page/", "/"])
def test_a_trailing_slash_is_optional(client, path):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/answer//", "/page//", "/api/v1//answer"])
def test_several_slashes_are_another_path(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/admin/login/", "/static/skillquest/"])
def test_admin_and_static_files_keep_their_slash(path):
    seen = []
    request = RequestFactory().get(path)
    from skillquest.api.middleware import OptionalSlashMiddleware

    OptionalSlashMiddleware(lambda request: seen.append(request.path_info))(request)
    assert seen == [path]


@pytest.mark.parametrize("path", ["/api/v1/failures/a%00b", "/api/v1/users?cursor=%00", "/api/v1/users?%00=1"])
def test_nul_characters_in_the_url_are_refused(client, path):
    assert problem_of(client.get(path), 400, "parse_error") == (
        "The address must not contain NUL characters.",
        None,
    )


class TestChunkedBody:
    """As gunicorn passes it on: a stream that ends by itself, and no length."""

    def middleware(self, stream, **environ):
        request = RequestFactory().post("/page")
        del request.META["CONTENT_LENGTH"]
        request.META |= {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": stream, **environ}
        return ReadableRequestMiddleware(lambda request: request.body)(request)

    def test_is_read(self):
        assert self.middleware(io.BytesIO(b"x" * 1000), **{"wsgi.input_terminated": True}) == b"x" * 1000

    def test_is_refused_where_the_server_does_not_end_the_stream(self):
        assert self.middleware(io.BytesIO(b"x" * 1000)).status_code == 400

    def test_is_refused_when_the_stream_is_interrupted(self):
        class Broken(io.BytesIO):
            def read(self, *_):
                raise OSError("Invalid chunk size")

        assert self.middleware(Broken(), **{"wsgi.input_terminated": True}).status_code == 400

    def test_is_not_read_beyond_the_largest_limit(self):
        stream = io.BytesIO(b"x" * (django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1000))
        with pytest.raises(Exception, match="DATA_UPLOAD_MAX_MEMORY_SIZE"):
            self.middleware(stream, **{"wsgi.input_terminated": True})
        assert stream.tell() == django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
