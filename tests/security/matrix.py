"""P12: compare the answers of the product with the table in matrix.txt."""

from functools import cached_property

from . import routes
from .requester import Requester
from .table import KEY_ROLES, ROLES, TABLE, TABLE_OF_KEYS, Row, read_rows

# Roles that are also tested with a session cookie for the API.
PEOPLE = ["learner", "other", "staff", "editor", "steward", "superuser"]
HOW_TO = (
    "`python -m tests.security --write` proposes rows for tests/security/matrix.txt; check every cell before you "
    "remove the `?`."
)


class Matrix:
    """A table, and a world in which to make the requests.

    The paths below /api/ have the same views (test_matrix.py); that the prefix permits nothing else is shown by some
    of the roles.
    """

    table, roles = TABLE, ROLES
    under_both_prefixes = ("anonymous", "learner", "steward", "superuser", "revoked")

    def __init__(self, world):
        self.requester = Requester(world)
        self.rows = {row.endpoint: row for row in read_rows(self.table, self.roles)}

    @cached_property
    def offered(self):
        """Every endpoint of the product, found by requesting each path with each method."""
        methods = [f"{method} {route.path}" for route in self.routes() for method in self.methods_of(route)]
        return [*methods, *(f"POST {action}" for action in routes.admin_actions())]

    def routes(self):
        return [route for route in routes.routes() if not is_unversioned_api(route.path)]

    def methods_of(self, route):
        methods = [method for method in routes.METHODS if route.may_handle(method)]
        answers = {method: self.requester.request("superuser", method, route.path) for method in methods}
        return [method for method in methods if self.is_offered(route.path, method, answers)]

    def is_offered(self, path, method, answers):
        outcome = answers[method]
        if outcome == "405" or method == "GET" or not takes_any_method(path):
            return outcome != "405"
        if method != "POST":
            return "!" in outcome
        has_form = path.endswith(("/add/", "/change/", "/delete/")) or bool(self.requester.form_of(path).values)
        return has_form or outcome != answers["GET"]

    def deviations(self, area):
        """One line for each answer that differs from the table."""
        rows = [row for row in self.rows.values() if row.area == area]
        return [line for row in rows for line in self.deviations_of(row)]

    def deviations_of(self, row):
        for role, expected in row.cells.items():
            for how, outcome in self.answers(role, row):
                if outcome != expected:
                    yield f"{row.endpoint} as {role}{how}: expected {expected}, got {outcome}"

    def answers(self, role, row):
        """(description, outcome) for each way to make the request; all of them must have the same outcome."""
        yield "", self.requester.request(role, row.method, row.path)
        if routes.is_api(row.path):
            if role in self.under_both_prefixes:
                yield " under /api/", self.requester.request(role, row.method, row.path, prefix=routes.UNVERSIONED_API)
            if role in PEOPLE:
                yield " by cookie", self.requester.request(role, row.method, row.path, by_cookie=True)

    def proposal(self, endpoint):
        method, path = endpoint.split(" ")
        return Row(
            method, path, {role: self.requester.request(role, method, path) for role in self.roles}, is_confirmed=False
        )


class MatrixOfKeys(Matrix):
    table, roles = TABLE_OF_KEYS, KEY_ROLES
    under_both_prefixes = KEY_ROLES

    @cached_property
    def offered(self):
        """The endpoints of the API."""
        return [row.endpoint for row in read_rows() if routes.is_api(row.path)]


def is_unversioned_api(path):
    return path.startswith(routes.UNVERSIONED_API) and not path.startswith(routes.API) and "{anything}" not in path


def takes_any_method(path):
    """Admin pages and the view for unknown paths answer every method like a GET."""
    return routes.is_admin(path) or path.endswith("{anything}")
