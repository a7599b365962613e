"""Each role sees what it can use: from the front page of the admin, no link, form or button is refused or missing."""

from collections import Counter
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from skillquest.accounts.groups import GROUPS
from tests.factories import StaffFactory

from .offered import Offered

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 12  # of a page
# They carry out an act and take it back, or look for all that depends on a row, to say what would happen.
PREVIEWS = ("/decide/", "/reverse/", "/repair/", "/freeze/", "/delete/")
VISITS = 1  # of each route with the same parameters
VISITS_OF_ROUTE = 3  # filters of lists can be combined without end
ENDS_THE_CRAWL = {"/admin/logout/", "/i18n/setlang/", "/language"}


class Crawl:
    """Follows what pages offer; `faults` are (page, what it offers, status)."""

    def __init__(self, person):
        self.client = Client(raise_request_exception=False)
        self.client.force_login(person)
        self.visits, self.posts, self.faults = Counter(), Counter(), []
        self.waiting = [("", "/admin/")]

    def run(self):
        while self.waiting:
            page, address = self.waiting.pop(0)
            if self._is_due(address):
                self._visit(page, address)
        return self

    def _is_due(self, address):
        route, *parameters = pattern_of(address)
        if self.visits[route] >= VISITS_OF_ROUTE or self.visits[route, *parameters] >= VISITS:
            return False
        self.visits.update([route, (route, *parameters)])
        return True

    def _visit(self, page, address):
        with CaptureQueriesContext(connection) as statements:
            answer = self.client.get(address)
        if len(statements) > MOST_STATEMENTS and is_bounded(address):
            self.faults.append((page, f"GET {address}", f"{len(statements)} statements"))
        if answer.status_code in (301, 302):
            self.waiting.append((address, answer["Location"]))
        elif answer.status_code != 200:
            self.faults.append((page, f"GET {address}", answer.status_code))
        elif address.startswith("/admin/") and answer["Content-Type"].startswith("text/html") and not answer.streaming:
            self._follow(address, Offered(address, answer))

    def _follow(self, address, offered):
        self.waiting += [(address, link) for link in offered.links]
        for form in offered.forms:
            for values in form.submissions():
                if form.method == "get":
                    self.waiting.append((address, f"{form.action.partition('?')[0]}?{urlencode(values)}"))
                else:
                    self._post(address, form, values)

    def _post(self, page, form, values):
        """What it changes is taken back."""
        path = urlsplit(form.action).path
        key = pattern_of(form.action), values.get("action"), *sorted(name for name in values if name.startswith("_"))
        self.posts[key] += 1
        if path in ENDS_THE_CRAWL or self.posts[key] > VISITS:
            return
        with transaction.atomic():
            answer = self.client.post(form.action, values)
            transaction.set_rollback(True)
        if answer.status_code not in (200, 302):
            self.faults.append((page, f"POST {form.action} {sorted(values)}", answer.status_code))


def is_bounded(address):
    """Pages of the admin take few statements."""
    return address.startswith("/admin/") and not urlsplit(address).path.endswith(PREVIEWS)


def pattern_of(address):
    parts = urlsplit(address)
    return resolve(parts.path).route, *sorted(parse_qs(parts.query, keep_blank_values=True))


@pytest.mark.parametrize("role", GROUPS)
def test_nothing_that_is_offered_is_refused(world, role):
    person = StaffFactory(is_superuser=False)
    person.groups.add(Group.objects.get(name=role))
    crawl = Crawl(person).run()
    assert not crawl.faults, "\n".join(f"{page}: {what}: {status}" for page, what, status in crawl.faults)
    assert len(crawl.visits) > 5
