"""Short ways to ask for something under auth/, and to say what a refusal looks like."""

import json

from rest_framework.test import APIClient

JSON = "application/json"


def call(method, path, body=None, *, token=None, **headers):
    """One request, with a bearer token if one is given."""
    if token is not None:
        headers["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    data = {} if body is None else {"data": json.dumps(body), "content_type": JSON}
    return APIClient().generic(method, f"/api/v1/auth/{path}", **data, **headers)


def problem(answer):
    """The body of a refusal, without what says the same in other words."""
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert body.pop("status") == answer.status_code
    assert body.pop("request_id") == answer["X-Request-ID"]
    assert body.pop("type") == f"/problems/{body['code']}"
    assert body.pop("title")
    return body


def refused(code, detail, **more):
    return {"success": False, "code": code, "detail": detail} | more


def field_errors(**errors):
    """What `problem` gives for a body that was refused field by field."""
    lines = [f"{field}: {message}" for field, messages in errors.items() for message in messages]
    detail = lines[0] + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")
    return refused("invalid", detail, errors=errors)


INVALID_TOKEN = refused("invalid_token", "This token is not valid, or is not valid any more. Sign in again.")
TOKEN_EXPIRED = refused("token_expired", "This token has expired. Use the refresh token, or sign in again.")
NOT_SIGNED_IN = refused("not_authenticated", "Authentication credentials were not provided.")
INVALID_CREDENTIALS = refused("invalid_credentials", "No active account has this name and password.")
