"""P11: every endpoint of the API that accepts a body refuses all hostile bodies.

Each hostile body has one right status, so SQLite and PostgreSQL give the same answers if the tests pass on both.
"""

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from skillquest.api.shapes import shape_of_class
from tests.api.helpers import post
from tests.api.hostile import CORPUS, FORM, REFUSED, requests_for
from tests.machines.keys import is_for_servers
from tests.security import routes, valid_requests
from tests.security.requester import WRITES, contents
from tests.security.senders import special_client
from tests.test_architecture import write_actions

pytestmark = pytest.mark.django_db

# Additional fields, so that bodies contain many types. The other fields are in tests/security/valid_requests.py.
ADDITIONAL_FIELDS = {
    "POST /api/v1/auth/register": {},
    "POST /api/v1/auth/login": {},
    "POST /api/v1/auth/refresh": {},
    "POST /api/v1/auth/logout": {"everywhere": True},
    "POST /api/v1/auth/guest": {"time_zone": "Asia/Jakarta"},
    "POST /api/v1/auth/link": {},
    "POST /api/v1/auth/password": {},
    "POST /api/v1/auth/password/reset": {},
    "POST /api/v1/auth/password/reset/confirm": {},
    "DELETE /api/v1/auth/me": {},
    "PATCH /api/v1/auth/me": {"leaderboard_opt_out": True, "time_zone": "Asia/Jakarta"},
    "POST /api/v1/sessions/start": {},
    "POST /api/v1/sessions/end": {"metadata": {"hints_used": 1}},
    "POST /api/v1/levels/complete": {
        "time_spent": 120,
        "metadata": {"hints_used": 0},
        "client_event_id": "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10",
    },
    "POST /api/v1/challenges": {"xp": 120, "tags": ["a"], "published": True},
    "PUT /api/v1/challenges/{id}": {"xp": 120, "tags": ["a"], "published": True},
    "POST /api/v1/attempts": {},
    "POST /api/v1/attempts/{id}/submit": {"metadata": {"hints_used": 1}},
    "POST /api/v1/plays/{session_id}/hint": {},
    "POST /api/v1/plays/{session_id}/answer": {},
    "POST /api/v1/training/progress/submit": {"time_spent_seconds": 120},
    "POST /api/v1/sync": {},
    "POST /api/v1/events": {"create_learners": False},
    "POST /api/v1/metrics/{metric_id}/events": {"value": 5},
    "POST /api/v1/review/answer": {},
    "POST /api/v1/badges": {"position": 4, "published": False},
    "PUT /api/v1/badges/{id}": {"position": 4, "published": False},
    "POST /api/v1/gamification/xp/award": {"xp_amount": 10},
    "POST /api/v1/levels": {"position": 4, "skills": ["a"], "metadata": {}, "published": True},
    "PUT /api/v1/levels/{id}": {"position": 4, "skills": ["a"], "metadata": {}, "published": True},
    "PATCH /api/v1/levels/{id}": {"position": 4, "skills": ["a"], "metadata": {}, "published": True},
    "PUT /api/v1/learners/{external_id}": {"email": "pupil@example.test", "time_zone": "Asia/Jakarta"},
    "POST /api/v1/learners/{external_id}/token": {},
}
FOR_STAFF = {
    *("levels", "levels/{id}", "challenges", "challenges/{id}", "badges", "badges/{id}", "gamification/xp/award"),
}
WRITES_NOTHING = {"POST /api/v1/auth/password/reset"}
ACCEPTS_FORMS = {"POST /api/v1/auth/login"}
LIMITS = {"POST /api/v1/sync": settings.SYNC_BODY_LIMIT, "POST /api/v1/events": settings.EVENTS_BODY_LIMIT}
LARGEST_PROBLEM = 6_000  # bytes of an answer, however large the request was


def endpoints():
    """The endpoints with a body; P12 tests the others."""
    found = ((f"{method.upper()} {routes.readable_path(f'/{path}')}", view) for path, method, view in write_actions())
    return {endpoint for endpoint, view in found if shape_of_class(view.get_serializer_class()).fields}


def client_for(endpoint, world):
    """A client with permission for the endpoint, so that only the body can be refused."""
    if special := special_client(endpoint):
        return special
    for_staff = endpoint.rpartition("/api/v1/")[2] in FOR_STAFF
    person = world.people["superuser" if for_staff else "learner"]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {person.tokens.access_token}")
    return client


def body_for(endpoint, world):
    method, path = endpoint.split(" ")
    return valid_requests.body_of(path, world, method) | ADDITIONAL_FIELDS[endpoint]


def request(endpoint, world, client, body, **options):
    method, path = endpoint.split(" ")
    return post(valid_requests.address(path, world), body, client=client, method=method, **options)


def verdict_on(hostile, endpoint):
    return REFUSED if hostile.name == FORM and endpoint in ACCEPTS_FORMS else hostile.verdict


def test_all_endpoints_with_a_body_are_covered():
    assert endpoints() == set(ADDITIONAL_FIELDS)
    assert len(CORPUS) >= 120


@pytest.mark.parametrize("endpoint", ADDITIONAL_FIELDS)
def test_a_valid_body_is_accepted(world, endpoint):
    """Otherwise the refusals below could have another reason than the hostile part of the body."""
    client, before = client_for(endpoint, world), contents()
    answer = request(endpoint, world, client, body_for(endpoint, world))
    assert answer.status_code in {200, 201, 204}, answer.content
    assert (contents() != before) is (endpoint not in WRITES_NOTHING)


def with_floats(value):
    """Replace 85 by 85.0, as clients send it that have only floats."""
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case list():
            return [with_floats(item) for item in value]
        case dict():
            return {key: with_floats(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("endpoint", ADDITIONAL_FIELDS)
def test_integers_may_be_written_as_floats(world, endpoint):
    answer = request(endpoint, world, client_for(endpoint, world), with_floats(body_for(endpoint, world)))
    assert answer.status_code in {200, 201, 204}, answer.content


@pytest.mark.parametrize("endpoint", ADDITIONAL_FIELDS)
def test_every_hostile_body_is_refused_and_changes_nothing(world, endpoint):
    client, valid, before = client_for(endpoint, world), body_for(endpoint, world), contents()
    wrong, writers = [], []
    for hostile, body in requests_for(valid, LIMITS.get(endpoint, settings.API_BODY_LIMIT)):
        with transaction.atomic(), connection.execute_wrapper(recording_writes(writers, hostile.name)):
            answer = request(endpoint, world, client, body, content_type=hostile.content_type)
        is_problem = answer.headers["Content-Type"] == "application/problem+json"
        is_short = len(answer.content) <= LARGEST_PROBLEM
        if answer.status_code != verdict_on(hostile, endpoint) or not (is_problem and is_short):
            wrong.append((hostile.name, answer.status_code, answer.content[:200]))
    assert wrong == []
    assert contents() == before, f"Something was written by: {writers}"


def recording_writes(writers, name):
    def watch(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(WRITES):
            writers.append(name)
        return execute(sql, params, many, context)

    return watch


def test_a_hostile_body_with_an_idempotency_key_changes_nothing(world):
    """With a key, the body is checked before the view is called."""
    endpoint = "POST /api/v1/levels/complete"
    client, valid, before = client_for(endpoint, world), body_for(endpoint, world), contents()
    for number, (hostile, body) in enumerate(requests_for(valid)):
        with CaptureQueriesContext(connection) as statements:
            headers = {"HTTP_IDEMPOTENCY_KEY": f"key {number}"}
            answer = request(endpoint, world, client, body, content_type=hostile.content_type, **headers)
        assert answer.status_code == hostile.verdict, hostile.name
        assert len(answer.content) <= LARGEST_PROBLEM, hostile.name
        if answer.json()["code"] != "unknown_level":  # a body of the right shape
            assert [row["sql"] for row in statements if not row["sql"].startswith("SELECT")] == [], hostile.name
    assert contents() == before


@pytest.mark.parametrize(
    "endpoint", [each for each in ADDITIONAL_FIELDS if each.startswith("POST") and not is_for_servers(each)]
)
def test_a_valid_body_with_an_idempotency_key_is_accepted(world, endpoint):
    client, headers = client_for(endpoint, world), {"HTTP_IDEMPOTENCY_KEY": "a key"}
    answer = request(endpoint, world, client, body_for(endpoint, world), **headers)
    assert answer.status_code in {200, 201, 204}, answer.content


def test_a_key_at_an_address_that_takes_no_post_changes_nothing(world):
    client = client_for("POST /api/v1/levels/complete", world)
    paths = ["levels/progress", "schema", "gamification/xp/stats"]
    answers = [post(f"/api/v1/{path}", {}, client=client, HTTP_IDEMPOTENCY_KEY="a key") for path in paths]
    assert [answer.status_code for answer in answers] == [405, 405, 405]
