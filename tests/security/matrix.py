"""P12: what the product answers, held against the table."""

from functools import cached_property

from . import routes
from .asking import Doorkeeper
from .table import ROLES, Row, read_rows

# Those who also have a session cookie for the API.
PEOPLE = ["learner", "other", "staff", "editor", "steward", "superuser"]
HOW_TO = (
    "`python -m tests.security --write` proposes rows for tests/security/matrix.txt; look at every cell before you "
    "take the `?` away."
)


class Matrix:
    """The table and a world to hold it against."""

    def __init__(self, world):
        self.keeper = Doorkeeper(world)
        self.rows = {row.endpoint: row for row in read_rows()}

    @cached_property
    def offered(self):
        """Every endpoint there is, found by asking for each address with each method."""
        methods = [f"{method} {path}" for path in self.paths() for method in self.methods_of(path)]
        return [*methods, *(f"POST {action}" for action in routes.admin_actions())]

    def paths(self):
        return [route.path for route in routes.routes() if not is_second_tree(route.path)]

    def methods_of(self, path):
        answers = {method: self.keeper.ask("superuser", method, path) for method in routes.METHODS}
        return [method for method in routes.METHODS if self.is_offered(path, method, answers)]

    def is_offered(self, path, method, answers):
        word = answers[method]
        if word == "405" or method == "GET" or not takes_any_method(path):
            return word != "405"
        if method != "POST":
            return "!" in word
        has_form = path.endswith(("/add/", "/change/", "/delete/")) or bool(self.keeper.form_of(path).values)
        return has_form or word != answers["GET"]

    def deviations(self, area):
        """What is answered otherwise than the table says, in words."""
        rows = [row for row in self.rows.values() if row.area == area]
        return [line for row in rows for line in self.deviations_of(row)]

    def deviations_of(self, row):
        for role, expected in row.cells.items():
            for how, word in self.answers(role, row):
                if word != expected:
                    yield f"{row.endpoint} as {role}{how}: the table says {expected}, the product {word}"

    def answers(self, role, row):
        """(where or how it was asked, the word) in every way that must give the same answer."""
        yield "", self.keeper.ask(role, row.method, row.path)
        if routes.is_api(row.path):
            yield " under /api/", self.keeper.ask(role, row.method, row.path, prefix=routes.OTHER_API)
            if role in PEOPLE:
                yield " by cookie", self.keeper.ask(role, row.method, row.path, by_cookie=True)

    def proposal(self, endpoint):
        method, path = endpoint.split(" ")
        return Row(method, path, {role: self.keeper.ask(role, method, path) for role in ROLES}, is_confirmed=False)


def is_second_tree(path):
    return path.startswith(routes.OTHER_API) and not path.startswith(routes.API) and "{anything}" not in path


def takes_any_method(path):
    """The admin's pages, and the one for unknown addresses, take every method for a look."""
    return routes.is_admin(path) or path.endswith("{anything}")
