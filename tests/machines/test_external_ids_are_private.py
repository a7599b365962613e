"""Only the server, the person and staff see an external id: no other learner does, anywhere."""

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from gamification.leaderboards.base import METRICS
from skillquest.accounts.models import User
from tests.factories import PASSWORD, StaffFactory
from tests.security import routes, valid_requests
from tests.security.table import read_rows

pytestmark = pytest.mark.django_db

SECRET = "pupil-xanthippe-1042"


@pytest.fixture
def world(world):
    person = world.learner.user
    person.external_id, person.display_name = SECRET, "Ana"
    person.save(update_fields=["external_id", "display_name"])
    return world


def addresses(world):
    """Every path of the auth matrix that learners may open, and every board."""
    for row in read_rows():
        if row.method == "GET" and row.cells["other"] == "200":
            yield valid_requests.address(row.path, world)
    for metric in METRICS:
        yield f"/api/v1/leaderboards/{metric}?limit=100"
        yield f"/leaderboards/{metric}"


def shown_to(role, world):
    """What this person sees of all addresses, in one text."""
    person = world.people[role]
    api = APIClient(HTTP_AUTHORIZATION=f"Bearer {person.tokens.access_token}")
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = person.cookie
    answers = [(api if routes.is_api(path) else browser).get(path) for path in addresses(world)]
    return [answer for answer in answers if answer.status_code == 200]


def contents(answers):
    return b"".join(b"".join(answer) if answer.streaming else answer.content for answer in answers).decode()


def test_no_other_learner_sees_it(world):
    answers = shown_to("other", world)
    text = contents(answers)
    assert len(answers) > 40
    assert "Ana" in text  # the person is on the boards
    assert SECRET not in text


def test_the_person_finds_it_in_the_export(world):
    api = APIClient(HTTP_AUTHORIZATION=f"Bearer {world.learner.tokens.access_token}")
    assert api.get("/api/v1/auth/me/export").json()["account"]["external_id"] == SECRET


def test_staff_find_the_person_by_it(world):
    staff = Client()
    staff.force_login(StaffFactory())
    found = staff.get("/admin/accounts/user/", {"q": SECRET}).content.decode()
    change = staff.get(f"/admin/accounts/user/{world.learner.user.pk}/change/").content.decode()
    assert "1 user" in found
    assert f'value="{SECRET}"' in change


def test_nobody_signs_in_by_it(world):
    answer = APIClient().post("/api/v1/auth/login", {"username": SECRET, "password": PASSWORD})
    assert answer.status_code == 401
    assert User.objects.known_as(SECRET).first() is None
