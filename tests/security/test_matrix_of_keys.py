"""P12 for server keys: every path of the API and method has the outcome in the table; elsewhere keys are ignored."""

import logging

import pytest

from . import routes
from .matrix import HOW_TO, Matrix, MatrixOfKeys
from .table import KEY_ROLES, TABLE_OF_KEYS, read_rows

ROWS = read_rows(TABLE_OF_KEYS, KEY_ROLES)
LIVE_ROLES = KEY_ROLES[:-1]
# Where credentials are neither needed nor read, and where a wrong one is refused although none is needed.
OPEN = ("/api/v1/auth/", "/api/{anything}")


@pytest.fixture
def quiet():
    logging.disable()  # every refused request would be logged
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("area", sorted({row.area for row in ROWS}))
def test_every_key_gets_the_outcome_in_the_table(world, quiet, area):
    assert list(MatrixOfKeys(world).deviations(area)) == []


def test_the_table_contains_every_endpoint_of_the_api():
    missing = {row.endpoint for row in read_rows() if routes.is_api(row.path)} ^ {row.endpoint for row in ROWS}
    assert sorted(missing) == [], HOW_TO
    assert [row.endpoint for row in ROWS if not row.is_confirmed] == [], HOW_TO


def test_pages_and_the_admin_do_not_see_keys(world, quiet):
    matrix = Matrix(world)
    rows = [row for row in matrix.rows.values() if not routes.is_api(row.path)]
    outcomes = {row.endpoint: matrix.requester.request("key_read", row.method, row.path) for row in rows}
    assert outcomes == {row.endpoint: row.cells["anonymous"] for row in rows}


# --- Rules for the table itself, which find rows confirmed by mistake -------------------------------------------------


def violating(rule, rows=ROWS):
    return [row.endpoint for row in rows if not rule(row)]


def test_of_the_scopes_at_most_one_permits_a_request():
    def permitted(row):
        return [role for role in LIVE_ROLES if row.cells[role].startswith("2")]

    closed = [row for row in ROWS if not row.path.startswith(OPEN)]
    assert violating(lambda row: len(permitted(row)) <= 1, closed) == []


def test_the_scope_read_changes_nothing():
    assert violating(lambda row: "!" not in row.cells["key_read"] or row.path.startswith(OPEN)) == []


def test_what_keys_change_a_learner_may_change_too():
    """Nothing that takes rights of staff, but giving XP; and what only keys do."""
    people = {row.endpoint: row for row in read_rows()}

    def may_learner(row):
        cells = people[row.endpoint].cells
        return "!" in cells["learner"] or "!" not in "".join(cells.values())

    changed = [row for row in ROWS if "!" in "".join(row.cells.values())]
    # The learner of the table for people has begun a play already, and goes on with it.
    begun = "POST /api/v1/levels/{id}/play"
    assert violating(may_learner, changed) == [begun, "POST /api/v1/gamification/xp/award"]
