"""POST gamification/achievements/initialize: loading the shipped files."""

import pytest
from django.contrib.auth.models import Permission

from gamification.models import Badge
from tests.api.helpers import problem_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

INITIALIZE = "/api/v1/gamification/achievements/initialize"


NOON = "2026-11-20T12:00:00Z"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def test_loading_the_shipped_files_answers_with_what_changed(staff_api):
    first = staff_api.post(INITIALIZE, {}).json()
    assert {key: first[key] for key in ["success", "created", "changed", "unchanged"]} == {
        "success": True,
        "created": 36,
        "changed": 0,
        "unchanged": 0,
    }
    assert first["results"][0] == {
        "kind": "achievement",
        "key": "first_scenario",
        "verdict": "created",
        "changes": [],
    }
    Badge.objects.filter(name="Legend").update(description="By hand")
    again = staff_api.post(INITIALIZE).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 1, 35)
    assert [row for row in again["results"] if row["changes"]] == [
        {"kind": "badge", "key": "Legend", "verdict": "changed", "changes": ["description"]}
    ]


def staff_with(sign_in, *codenames, is_staff=True):
    user = UserFactory(is_staff=is_staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return sign_in(user)


NEEDED = ["add_achievement", "change_achievement", "add_badge", "change_badge"]


def test_loading_requires_staff_with_all_four_permissions(sign_in, learner_api):
    assert staff_with(sign_in, *NEEDED).post(INITIALIZE).status_code == 200
    problem_of(learner_api.post(INITIALIZE), 403, "permission_denied")
    problem_of(staff_with(sign_in, *NEEDED[1:]).post(INITIALIZE), 403, "permission_denied")
    problem_of(staff_with(sign_in, *NEEDED, is_staff=False).post(INITIALIZE), 403, "permission_denied")
