"""Every GET endpoint of the API refuses query parameters that it does not know, and names them."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.security import routes, valid_requests
from tests.security.table import read_rows

from .helpers import problem_of

pytestmark = pytest.mark.django_db

# Views of drf-spectacular, which decides about their parameters.
SCHEMA_VIEWS = ("/schema", "/docs")


def readable_paths():
    rows = [row for row in read_rows() if row.method == "GET" and routes.is_api(row.path)]
    return sorted({row.path for row in rows if not row.path.endswith((*SCHEMA_VIEWS, "{anything}"))})


def documented_parameters():
    """The names of the query parameters of every GET in the schema, by path."""
    schema = SchemaGenerator().get_schema(public=True)
    return {
        path: sorted(each["name"] for each in item["get"].get("parameters", []) if each["in"] == "query")
        for path, item in schema["paths"].items()
        if "get" in item
    }


VALUES = {"limit": "1", "around": "1", "date": "2026-01-01", "kind": "mode", "difficulty": "easy", "rarity": "rare"}
VALUES |= {"reason": "import", "from": "2026-01-01", "to": "2026-01-02", "unlocked": "true"}


@pytest.fixture
def client(world, api):
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {world.learner.tokens.access_token}")
    return api


def test_every_get_refuses_an_unknown_parameter_by_name(world, client):
    for path in readable_paths():
        answer = client.get(f"{valid_requests.address(path, world)}?reasn=import")
        detail, errors = problem_of(answer, 400, "invalid")
        assert (path, detail, errors) == (path, "reasn: Unknown parameter.", {"reasn": ["Unknown parameter."]})


def test_every_get_ignores_a_parameter_that_begins_with_an_underscore(world, client):
    for path in readable_paths():
        address = valid_requests.address(path, world)
        assert (path, client.get(f"{address}?_=1&_from=x").status_code) == (path, client.get(address).status_code)


def test_every_get_accepts_the_parameters_that_the_schema_names(world, client):
    documented = documented_parameters()
    assert sum(map(bool, documented.values())) >= 10
    for path, names in documented.items():
        for name in {*names} - {"cursor", "format", "lang"}:
            answer = client.get(valid_requests.address(path, world), {name: VALUES.get(name, "x")})
            assert (path, name, answer.status_code) == (path, name, 200)


def test_only_lists_accept_pages_and_filters(world, client):
    assert set(client.get("/api/v1/levels/spare?category=x&limit=1").json()["errors"]) == {"category", "limit"}


def test_all_unknown_parameters_are_named_at_once(client):
    _, errors = problem_of(client.get("/api/v1/xp/history?b=1&limit=1&a=2&_c=3"), 400, "invalid")
    assert list(errors) == ["a", "b"]


def test_unsafe_methods_accept_any_query_parameter(world, client):
    answer = client.post("/api/v1/gamification/streaks/update?source=app", {}, format="json")
    assert answer.status_code == 200
