"""Of two people who edit one level, the second learns that the first has changed it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from levels.models import Level
from tests.factories import LevelFactory

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

URL = "/api/v1/levels/level-1"
CHALLENGE_URL = "/api/v1/challenges/level-1"
CONFLICT = (412, "precondition_failed")


@pytest.fixture
def level():
    return LevelFactory(level_id="level-1", name="One", kind="challenge", description="First text")


def code(answer):
    return answer.status_code, answer.json().get("code")


def test_the_api_refuses_a_change_of_something_older(staff_api, level):
    tag = staff_api.get(URL)["ETag"]
    first = staff_api.patch(URL, {"description": "Second text"}, headers={"If-Match": tag})
    assert (first.status_code, first["ETag"] == tag) == (200, False)
    second = staff_api.patch(URL, {"xp_reward": 7}, headers={"If-Match": tag})
    assert code(second) == CONFLICT
    level.refresh_from_db()
    assert (level.description, level.xp_reward) == ("Second text", 0)
    assert staff_api.patch(URL, {"xp_reward": 7}, headers={"If-Match": first["ETag"]}).status_code == 200


def test_the_tag_of_a_change_is_the_tag_of_the_level(staff_api, level):
    tag = staff_api.patch(URL, {"xp_reward": 7})["ETag"]
    assert staff_api.get(URL)["ETag"] == tag
    assert staff_api.get(URL, headers={"If-None-Match": tag}).status_code == 304


def test_prerequisites_are_part_of_what_may_have_changed(staff_api, level):
    LevelFactory(level_id="needed")
    tag = staff_api.get(URL)["ETag"]
    assert staff_api.patch(URL, {"prerequisites": ["needed"]}).status_code == 200
    assert code(staff_api.patch(URL, {"xp_reward": 7}, headers={"If-Match": tag})) == CONFLICT


@pytest.mark.parametrize("header", ["W/{tag}", '"other", {tag}', "*", None])
def test_headers_that_match(header, staff_api, level):
    headers = {} if header is None else {"If-Match": header.format(tag=staff_api.get(URL)["ETag"])}
    assert staff_api.patch(URL, {"xp_reward": 7}, headers=headers).status_code == 200


@pytest.mark.parametrize("header", ['"other"', "", "nonsense"])
def test_headers_that_do_not_match(header, staff_api, level):
    assert code(staff_api.put(URL, {}, headers={"If-Match": header})) == CONFLICT
    assert code(staff_api.delete(URL, headers={"If-Match": header})) == CONFLICT
    assert Level.objects.filter(pk=level.pk).exists()


def test_a_challenge_has_a_tag_of_its_own(staff_api, level):
    tag = staff_api.get(CHALLENGE_URL)["ETag"]
    change = {"title": "One", "xp": 5}
    assert staff_api.put(CHALLENGE_URL, change, headers={"If-Match": tag}).status_code == 200
    assert code(staff_api.put(CHALLENGE_URL, change, headers={"If-Match": tag})) == CONFLICT
    assert code(staff_api.delete(CHALLENGE_URL, headers={"If-Match": tag})) == CONFLICT


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_editors_of_prerequisites_cannot_wait_for_each_other(staff_api, level):
    """Both lock every level in one order before anything else."""
    LevelFactory(level_id="needed")
    with CaptureQueriesContext(connection) as queries:
        assert staff_api.patch(URL, {"prerequisites": ["needed"]}).status_code == 200
    locks = [
        query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"] and "levels_level" in query["sql"]
    ]
    assert "WHERE" not in locks[0]
    with CaptureQueriesContext(connection) as queries:
        assert staff_api.patch(URL, {"xp_reward": 5}).status_code == 200
    assert all("WHERE" in query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"])
