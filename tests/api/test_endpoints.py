"""The hostile corpus against the endpoints of the product."""

import pytest

from tests.api.asking import post
from tests.api.hostile import requests_for
from tests.factories import LevelFactory

pytestmark = pytest.mark.django_db

BODIES = {
    "/api/v1/auth/register": {"username": "ana", "email": "ana@example.test", "password": "correct horse battery"},
    "/api/v1/auth/login": {"username": "ana", "password": "correct horse battery"},
    "/api/v1/auth/refresh": {"refresh_token": "x"},
    "/api/v1/auth/logout": {"refresh_token": "x", "everywhere": True},
    "/api/v1/auth/password": {"old_password": "x", "new_password": "correct horse battery"},
    "/api/v1/sessions/start": {"level_id": "maze"},
    "/api/v1/sessions/end": {"session_id": 1, "score": 85, "metadata": {}},
    "/api/v1/levels/complete": {
        "score": 850,
        "level_id": "maze",
        "level_type": "simulation",
        "time_spent": 120,
        "difficulty": "normal",
        "metadata": {"hints_used": 0},
        "client_event_id": "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10",
    },
    "/api/v1/levels": {
        "level_id": "new",
        "name": "New",
        "category": "x",
        "position": 4,
        "skills": ["a"],
        "metadata": {},
    },
}


@pytest.mark.parametrize("path", BODIES)
def test_no_hostile_body_gets_through(staff_api, path):
    LevelFactory(level_id="maze")
    wrong = []
    for hostile, body in requests_for(BODIES[path]):
        answer = post(path, body, content_type=hostile.content_type, client=staff_api)
        problem = answer.headers["Content-Type"] == "application/problem+json"
        if answer.status_code not in hostile.statuses or not problem:
            wrong.append((hostile.name, answer.status_code, answer.content[:200]))
    assert wrong == []
