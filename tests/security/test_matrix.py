"""P12: every address, method and role, against the table that a person has confirmed."""

import logging

import pytest

from . import routes
from .matrix import HOW_TO, Matrix
from .table import ROLES, read_rows

ROWS = read_rows()
LOCKED_OUT = ["inactive", "expired", "revoked"]
# With one of these the body or the product's own fault has decided, and not the right.
UNDECIDED = ("400", "409", "413", "415", "422", "429", "5")


@pytest.fixture
def matrix(world):
    logging.disable()  # every refusal would be a line
    yield Matrix(world)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("area", sorted({row.area for row in ROWS}))
def test_everybody_gets_what_the_table_says(matrix, area):
    assert list(matrix.deviations(area)) == []


def test_every_endpoint_is_in_the_table_and_nothing_else(matrix):
    unlisted = sorted(set(matrix.offered) - set(matrix.rows))
    gone = sorted(set(matrix.rows) - set(matrix.offered))
    assert unlisted == [], f"Not in the auth matrix. {HOW_TO}"
    assert gone == [], f"In the auth matrix, but not in the product any more. {HOW_TO}"


def test_somebody_has_looked_at_every_row():
    assert [row.endpoint for row in ROWS if not row.is_confirmed] == [], HOW_TO
    assert len({row.endpoint for row in ROWS}) == len(ROWS)


def test_both_trees_of_the_api_are_one():
    """The table speaks of one; this is why that is enough."""
    callbacks = {route.path: route.callback for route in routes.routes()}
    first = {path.removeprefix(routes.API): view for path, view in callbacks.items() if path.startswith(routes.API)}
    second = {
        path.removeprefix(routes.OTHER_API): view
        for path, view in callbacks.items()
        if routes.is_api(path) and not path.startswith(routes.API) and "{anything}" not in path
    }
    assert first == second


def test_asking_what_an_address_takes_needs_the_same_credentials(matrix):
    """OPTIONS: Django REST framework answers it everywhere, with what the schema says anyway."""
    for row in ROWS:
        if routes.is_api(row.path):
            words = {role: matrix.keeper.ask(role, "OPTIONS", row.path) for role in ["anonymous", "expired", "learner"]}
            # 403 where the whole view is for people with a right.
            assert words["learner"] in {"200", "403", "404"}, row.endpoint
            assert words["anonymous"] == words["learner"] or row.cells["anonymous"] == words["anonymous"], row.endpoint


# --- What must hold for any table, so that no slip of the eye confirms it ---------------------------------------------


def violating(rule, rows=ROWS):
    return [row.endpoint for row in rows if not rule(row)]


def test_the_right_decides():
    assert violating(lambda row: not any(word.startswith(UNDECIDED) for word in row.cells.values())) == []


def test_a_look_changes_nothing():
    assert violating(lambda row: row.method != "GET" or "!" not in "".join(row.cells.values())) == []


def test_a_dead_credential_opens_no_door_that_is_closed_to_strangers():
    assert violating(lambda row: {row.cells[role] for role in LOCKED_OUT} <= {row.cells["anonymous"], "401"}) == []


def test_a_cookie_without_csrf_changes_nothing_that_a_stranger_could_not():
    assert violating(lambda row: "!" not in row.cells["no-csrf"] or "!" in row.cells["anonymous"]) == []


def test_forms_of_the_admin_were_filled_in_well():
    """One that is shown again says 200, and that says nothing about rights."""
    forms = [row for row in ROWS if row.method == "POST" and routes.is_admin(row.path) and "#" not in row.path]
    assert violating(lambda row: row.cells["superuser"] != "200", forms) == []


def test_superusers_may_what_others_may_save_with_what_is_a_learners_own():
    def changed_by(row):
        return {role for role in ROLES if "!" in row.cells[role]}

    assert violating(lambda row: changed_by(row) <= {"learner"} or "superuser" in changed_by(row) or is_gate(row)) == []


def is_gate(row):
    """Who is in already is led on."""
    return row.path in {"/sign-in", "/sign-up"}
