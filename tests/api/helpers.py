"""Helpers to make requests and to check problems."""

import json

from rest_framework.test import APIClient

VALID = {
    "score": 850,
    "name": "level-1",
    "fair": True,
    "ratio": 0.5,
    "tags": ["a"],
    "part": {"count": 1},
}


def post(path, body, *, content_type="application/json", client=None, method="POST", **headers):
    """Send `body` as JSON; bytes are sent unchanged."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (client or APIClient()).generic(method, path, data, content_type=content_type, **headers)


def problem_of(answer, status, code):
    """Assert that the answer is a complete problem; return its (detail, errors)."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    detail, errors = body.pop("detail"), body.pop("errors", None)
    assert body == {
        "type": f"/problems/{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "success": False,
        "code": code,
        "request_id": answer["X-Request-ID"],
    }
    return detail, errors
