"""Short ways to ask, and to look at what came back."""

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
    """`body` as bytes is sent as it is."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (client or APIClient()).generic(method, path, data, content_type=content_type, **headers)


def problem_of(answer, status, code):
    """(detail, errors) of an answer that must be a complete problem."""
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
