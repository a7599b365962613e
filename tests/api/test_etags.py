"""An answer keeps its ETag as long as its content stays the same."""

from datetime import timedelta

import pytest

from tests.factories import LevelFactory
from tests.security import routes, valid_requests
from tests.security.table import read_rows
from tests.security.world import make_world

pytestmark = pytest.mark.django_db

MORE_LEVELS = 3  # so that there are several pages of one level


@pytest.fixture
def world(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    LevelFactory.create_batch(MORE_LEVELS)
    return make_world()


def readable_paths():
    return sorted({row.path for row in read_rows() if row.method == "GET" and routes.is_api(row.path)})


@pytest.mark.parametrize("path", ["/api/v1/levels?limit=1", "/api/v1/levels?limit=1&kind=simulation"])
def test_an_unchanged_page_of_levels_is_answered_with_304(world, api, time_machine, path):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {world.learner.tokens.access_token}")
    first = api.get(path)
    assert first.json()["next"] is not None
    time_machine.shift(5)

    again = api.get(path, headers={"If-None-Match": first["ETag"]})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert api.get(first.json()["next"]).status_code == 200


def test_every_answer_keeps_its_etag_while_its_content_stays(world, api, time_machine):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {world.learner.tokens.access_token}")
    addresses = [valid_requests.address(path, world) for path in readable_paths()]
    before = {address: api.get(address).headers.get("ETag") for address in addresses}
    time_machine.shift(timedelta(seconds=5))

    after = {address: api.get(address).headers.get("ETag") for address in addresses}

    assert after == before
    assert before["/api/v1/levels"]
