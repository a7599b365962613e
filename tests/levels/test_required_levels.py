"""Staff are warned before they unpublish or delete a level that others require."""

import pytest

from levels.errors import warn_required
from levels.models import Level
from tests.factories import LevelFactory

pytestmark = pytest.mark.django_db

WARNING = "“Second” requires this level and will open without it."
REQUIRED_BY = [{"level_id": "second", "name": "Second"}]


@pytest.fixture
def first():
    level = LevelFactory(level_id="first", name="First", kind="challenge")
    LevelFactory(level_id="second", name="Second", prerequisites=[level])
    return level


CHALLENGE = {"title": "First", "published": False}


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("patch", "/api/v1/levels/first", {"published": False}),
        ("put", "/api/v1/levels/first", {"level_id": "first", "name": "First", "category": "c", "published": False}),
        ("delete", "/api/v1/levels/first", None),
        ("put", "/api/v1/challenges/first", CHALLENGE),
        ("delete", "/api/v1/challenges/first", None),
    ],
)
def test_the_api_refuses_until_it_is_confirmed(method, url, body, staff_api, first):
    answer = getattr(staff_api, method)(url, body)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["required_by"]) == (409, "level_required", REQUIRED_BY)
    assert problem["detail"] == f"{WARNING} Send confirmed=true to go on."
    assert Level.objects.get(pk=first.pk).published
    assert getattr(staff_api, method)(f"{url}?confirmed=true", body).status_code in {200, 204}
    assert not Level.objects.visible().filter(pk=first.pk).exists()


def test_other_changes_of_a_required_level_are_not_refused(staff_api, first):
    assert staff_api.patch("/api/v1/levels/first", {"published": True, "xp_reward": 5}).status_code == 200
    Level.objects.filter(pk=first.pk).update(published=False)
    assert staff_api.patch("/api/v1/levels/first", {"published": False, "xp_reward": 6}).status_code == 200


def test_confirmed_is_true_or_false(staff_api, first):
    answer = staff_api.delete("/api/v1/levels/first?confirmed=perhaps")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["confirmed"])


def test_the_warning_names_at_most_five_levels():
    levels = LevelFactory.build_batch(7)
    names = ", ".join(f"“{level.name}”" for level in levels[:5])
    assert warn_required(levels) == f"{names} and 2 more require this level and will open without it."
