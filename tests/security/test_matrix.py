"""P12: every path, method and role has the outcome in the table, which a person has confirmed."""

import logging

import pytest

from . import routes
from .matrix import HOW_TO, Matrix
from .table import ROLES, read_rows

ROWS = read_rows()
LOCKED_OUT = ["inactive", "expired", "revoked"]
# With these statuses the body or an error has decided, not the permissions.
NOT_BY_PERMISSION = ("400", "409", "413", "415", "422", "429", "5")


@pytest.fixture
def matrix(world):
    logging.disable()  # every refused request would be logged
    yield Matrix(world)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("area", sorted({row.area for row in ROWS}))
def test_every_role_gets_the_outcome_in_the_table(matrix, area):
    assert list(matrix.deviations(area)) == []


@pytest.mark.any_database
def test_the_table_contains_exactly_the_endpoints_of_the_product(matrix):
    unlisted = sorted(set(matrix.offered) - set(matrix.rows))
    removed = sorted(set(matrix.rows) - set(matrix.offered))
    assert unlisted == [], f"Not in the auth matrix. {HOW_TO}"
    assert removed == [], f"In the auth matrix, but not in the product any more. {HOW_TO}"


def test_every_row_is_confirmed():
    assert [row.endpoint for row in ROWS if not row.is_confirmed] == [], HOW_TO
    assert len({row.endpoint for row in ROWS}) == len(ROWS)


def test_the_unversioned_api_has_the_same_views():
    """Therefore the table contains only the paths below /api/v1/."""
    callbacks = {route.path: route.callback for route in routes.routes()}
    first = {path.removeprefix(routes.API): view for path, view in callbacks.items() if path.startswith(routes.API)}
    second = {
        path.removeprefix(routes.UNVERSIONED_API): view
        for path, view in callbacks.items()
        if routes.is_api(path) and not path.startswith(routes.API) and "{anything}" not in path
    }
    assert first == second


def test_options_requests_need_the_same_credentials(matrix):
    """Django REST framework answers OPTIONS everywhere, with information that the schema contains too."""
    for row in ROWS:
        if routes.is_api(row.path):
            outcomes = {
                role: matrix.requester.request(role, "OPTIONS", row.path)
                for role in ["anonymous", "expired", "learner"]
            }
            # 403 where the whole view needs a permission.
            assert outcomes["learner"] in {"200", "403", "404"}, row.endpoint
            assert outcomes["anonymous"] == outcomes["learner"] or row.cells["anonymous"] == outcomes["anonymous"], (
                row.endpoint
            )


# --- Rules for the table itself, which find rows confirmed by mistake -------------------------------------------------


def violating(rule, rows=ROWS):
    return [row.endpoint for row in rows if not rule(row)]


def test_only_permissions_decide_about_outcomes():
    assert violating(lambda row: not any(outcome.startswith(NOT_BY_PERMISSION) for outcome in row.cells.values())) == []


EXPORT = "/admin/export/{app}/{model}/{columns}.{ending}"


def test_get_requests_change_nothing():
    """Except that an export is written into the log of the admin."""
    changing = violating(lambda row: row.method != "GET" or "!" not in "".join(row.cells.values()))
    assert changing == [f"GET {EXPORT}"]


def test_invalid_credentials_permit_nothing_that_needs_a_sign_in():
    assert violating(lambda row: {row.cells[role] for role in LOCKED_OUT} <= {row.cells["anonymous"], "401"}) == []


def test_a_cookie_without_a_csrf_token_permits_no_change_that_needs_a_sign_in():
    changing = violating(lambda row: "!" not in row.cells["no-csrf"] or "!" in row.cells["anonymous"])
    assert changing == [f"GET {EXPORT}"]


def test_the_values_for_admin_forms_are_valid():
    """A form with errors is shown again with 200, which says nothing about permissions."""
    forms = [row for row in ROWS if row.method == "POST" and routes.is_admin(row.path) and "#" not in row.path]
    assert violating(lambda row: row.cells["superuser"] != "200", forms) == []


def test_superusers_may_change_everything_except_what_belongs_to_a_learner():
    def changed_by(row):
        return {role for role in ROLES if "!" in row.cells[role]}

    assert (
        violating(
            lambda row: (
                changed_by(row) <= {"learner"} or "superuser" in changed_by(row) or redirects_signed_in_users(row)
            )
        )
        == []
    )


def redirects_signed_in_users(row):
    """Signed-in users are redirected to their dashboard."""
    return row.path in {"/sign-in", "/sign-up"}
