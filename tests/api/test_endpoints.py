"""P11: the hostile corpus against every endpoint of the API that takes a body.

The corpus names the one right status of each class, so a run on SQLite and one on PostgreSQL that both pass have given
the same verdicts.
"""

import pytest
from django.conf import settings
from django.db import connection, transaction
from rest_framework.test import APIClient

from skillquest.api.shapes import shape_of_class
from tests.api.asking import post
from tests.api.hostile import CORPUS, FORM, REFUSED, requests_for
from tests.security import bodies, routes
from tests.security.asking import WRITES, contents
from tests.security.world import make_world
from tests.test_architecture import write_actions

pytestmark = pytest.mark.django_db

# What makes each body as rich in types as it can be; the rest of it stands in tests/security/bodies.py.
MORE = {
    "POST /api/v1/auth/register": {},
    "POST /api/v1/auth/login": {},
    "POST /api/v1/auth/refresh": {},
    "POST /api/v1/auth/logout": {"everywhere": True},
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
    "POST /api/v1/training/progress/submit": {"time_spent_seconds": 120},
    "POST /api/v1/sync": {},
    "POST /api/v1/badges": {"position": 4, "published": False},
    "PUT /api/v1/badges/{id}": {"position": 4, "published": False},
    "POST /api/v1/gamification/xp/award": {"xp_amount": 10},
    "POST /api/v1/levels": {"position": 4, "skills": ["a"], "metadata": {}, "published": True},
    "PUT /api/v1/levels/{id}": {"position": 4, "skills": ["a"], "metadata": {}, "published": True},
    "PATCH /api/v1/levels/{id}": {"position": 4, "skills": ["a"], "metadata": {}, "published": True},
}
FOR_STAFF = {
    *("levels", "levels/{id}", "challenges", "challenges/{id}", "badges", "badges/{id}", "gamification/xp/award"),
}
ONLY_MAILS = {"POST /api/v1/auth/password/reset"}
TAKES_FORMS = {"POST /api/v1/auth/login"}
LIMITS = {"POST /api/v1/sync": settings.SYNC_BODY_LIMIT}


def endpoints():
    """Those that take a body; the rest of it is P12's."""
    found = ((f"{method.upper()} {routes.in_words(f'/{path}')}", view) for path, method, view in write_actions())
    return {endpoint for endpoint, view in found if shape_of_class(view.get_serializer_class()).fields}


@pytest.fixture
def world():
    return make_world()


def client_for(endpoint, world):
    """Of somebody whom the endpoint obeys, so that the body alone is what is refused."""
    for_staff = endpoint.rpartition("/api/v1/")[2] in FOR_STAFF
    person = world.people["superuser" if for_staff else "learner"]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {person.tokens.access_token}")
    return client


def body_for(endpoint, world):
    method, path = endpoint.split(" ")
    return bodies.body_of(path, world, method) | MORE[endpoint]


def ask(endpoint, world, client, body, **options):
    method, path = endpoint.split(" ")
    return post(bodies.address(path, world), body, client=client, method=method, **options)


def verdict_on(hostile, endpoint):
    return REFUSED if hostile.name == FORM and endpoint in TAKES_FORMS else hostile.verdict


def test_every_endpoint_that_takes_a_body_is_attacked():
    assert endpoints() == set(MORE)
    assert len(CORPUS) >= 120


@pytest.mark.parametrize("endpoint", MORE)
def test_an_honest_body_gets_through(world, endpoint):
    """Else the refusals below would say nothing about what was wrong with the body."""
    before = contents()
    answer = ask(endpoint, world, client_for(endpoint, world), body_for(endpoint, world))
    assert answer.status_code in {200, 201, 204}, answer.content
    assert (contents() != before) is (endpoint not in ONLY_MAILS)


def with_floats(value):
    """85 as 85.0, as clients send it whose only number is a float."""
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


@pytest.mark.parametrize("endpoint", MORE)
def test_integers_may_be_written_as_floats(world, endpoint):
    answer = ask(endpoint, world, client_for(endpoint, world), with_floats(body_for(endpoint, world)))
    assert answer.status_code in {200, 201, 204}, answer.content


@pytest.mark.parametrize("endpoint", MORE)
def test_no_hostile_body_gets_through(world, endpoint):
    client, valid, before = client_for(endpoint, world), body_for(endpoint, world), contents()
    wrong, wrote = [], []
    for hostile, body in requests_for(valid, LIMITS.get(endpoint, settings.API_BODY_LIMIT)):
        with transaction.atomic(), connection.execute_wrapper(noting_writes(wrote, hostile.name)):
            answer = ask(endpoint, world, client, body, content_type=hostile.content_type)
        is_problem = answer.headers["Content-Type"] == "application/problem+json"
        if answer.status_code != verdict_on(hostile, endpoint) or not is_problem:
            wrong.append((hostile.name, answer.status_code, answer.content[:200]))
    assert wrong == []
    assert contents() == before, f"Something was written by: {wrote}"


def noting_writes(wrote, name):
    def watch(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(WRITES):
            wrote.append(name)
        return execute(sql, params, many, context)

    return watch


def test_a_hostile_body_under_an_idempotency_key_changes_nothing_either(world):
    """There the body is read, and its answer might be kept, before the endpoint sees it."""
    endpoint = "POST /api/v1/levels/complete"
    client, valid = client_for(endpoint, world), body_for(endpoint, world)
    kept_apart = {"tracking_idempotencykey"}
    before = {table: rows for table, rows in contents().items() if table not in kept_apart}
    for number, (hostile, body) in enumerate(requests_for(valid)):
        headers = {"HTTP_IDEMPOTENCY_KEY": f"key {number}"}
        answer = ask(endpoint, world, client, body, content_type=hostile.content_type, **headers)
        assert answer.status_code == hostile.verdict, hostile.name
    assert {table: rows for table, rows in contents().items() if table not in kept_apart} == before
