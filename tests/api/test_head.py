"""HEAD is answered with the headers of GET and without a body, which gunicorn would log a warning about."""

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory


def answer_to(method, path):
    """(status, headers, body); Django's test client is not used, because it drops the body itself."""
    started = {}

    def start_response(status, headers, *_):
        started.update(status=status, headers=dict(headers))

    response = get_wsgi_application()(RequestFactory().generic(method, path).environ, start_response)
    body = b"".join(response)
    response.close()
    return started["status"], started["headers"], body


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/sign-in", "/health", "/nothing", "/api/v1/schema", "/api/v1/nothing"])
def test_head_has_the_headers_of_get_and_no_body(path):
    status, headers, body = answer_to("HEAD", path)
    status_of_get, headers_of_get, body_of_get = answer_to("GET", path)
    assert (status, set(headers), body) == (status_of_get, set(headers_of_get) - {"ETag"}, b"")
    assert headers.get("Content-Length", str(len(body_of_get))) == str(len(body_of_get))
