"""After a refused body, the connection can be used or the answer announces its end; tested with gunicorn."""

import runpy
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.product import environment, serving

GUNICORN_SETTINGS = Path(__file__).resolve().parents[2] / "gunicorn.conf.py"


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    variables = environment(f"sqlite:///{tmp_path_factory.mktemp('server')}/unused.sqlite3")
    with serving(variables, workers=1) as port:
        yield port


@pytest.fixture
def connection(port):
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        yield connection


def post(connection, path, body, **options):
    connection.request("POST", path, body, {"Content-Type": "application/json"}, **options)
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.headers["Connection"]


def works(connection):
    connection.request("GET", "/health")
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


@pytest.mark.parametrize("size", [70_000, 200_000, settings.EVENTS_BODY_LIMIT])
@pytest.mark.parametrize(("path", "status"), [("/api/v1/auth/login", 413), ("/api/v1/levels/complete", 401)])
def test_the_next_request_on_the_connection_is_answered(connection, path, status, size):
    assert post(connection, path, b"x" * size) == (status, "keep-alive")
    assert works(connection)
    assert post(connection, path, b"x" * size) == (status, "keep-alive")


def test_a_body_that_no_endpoint_accepts_closes_the_connection_and_says_so(connection):
    assert post(connection, "/api/v1/auth/login", b"x" * (settings.EVENTS_BODY_LIMIT + 1)) == (413, "close")
    assert works(connection)  # on a new connection, which http.client opens


def test_a_chunked_body_closes_the_connection_and_says_so(connection):
    chunks = (b"x" * 50_000 for _ in range(4))
    assert post(connection, "/api/v1/auth/login", chunks, encode_chunked=True) == (413, "close")


def test_gunicorn_closes_above_the_largest_body_that_an_endpoint_accepts():
    assert runpy.run_path(str(GUNICORN_SETTINGS))["LARGEST_BODY"] == settings.EVENTS_BODY_LIMIT
