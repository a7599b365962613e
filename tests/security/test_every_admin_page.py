"""P20 for every address of the admin: opened once, and each of its forms sent, with a hostile text in every row.

`test_stored_xss.py` tries all hostile texts on the pages that show most.
"""

import logging
from urllib.parse import quote, urljoin

import pytest
from django.db import transaction

from . import routes, valid_requests
from .hostile_rows import store_everywhere
from .html_pages import Page
from .requester import FORM, Requester, encode_form
from .table import read_rows

pytestmark = pytest.mark.django_db

# Ends an attribute, a title, a field and a script; short enough for a username with a number behind it.
TEXT = "'\"></title></textarea></script><b pwned>"
ROWS = [row for row in read_rows() if routes.is_admin(row.path) and row.cells["superuser"].startswith(("200", "302!"))]
# The buttons after which something is done; without them a page asks.
DOES = {"_apply", "_approve", "_save", "post"}
FREE_TEXTS = {"reason", "note", "name", "title", "description", "prompt", "text"}
QUERIES = {"/admin/search/": f"?q={quote(TEXT[:12])}"}
SHOW_NO_TEXTS = {
    "/admin/{app_label}/",
    "/admin/analytics/analytics/",  # nothing is rolled up here; tests/analytics has hostile names
    "/admin/password_change/",
    "/admin/password_change/done/",
    *(f"/admin/{model}/add/" for model in ["accounts/user", "auth/group", "machines/serverkey", "levels/level"]),
    *(f"/admin/levels/{model}/" for model in ["question/add", "question/import", "question/export", "section/add"]),
    *(f"/admin/gamification/{model}/add/" for model in ["amnesty", "limitset", "metric"]),
    # Numbers, choices and slugs.
    "/admin/gamification/activityday/{object_id}/history/",
    "/admin/gamification/boardpolicy/",
    "/admin/gamification/boardpolicy/{object_id}/change/",
    "/admin/gamification/limitset/{key}/publish/",
    "/admin/gamification/limitset/{object_id}/delete/",
    "/admin/gamification/metric/{object_id}/delete/",
    "/admin/gamification/xpruleset/{key}/publish/",
    "/admin/gamification/xpruleset/{object_id}/delete/",
    "/admin/levels/question/{object_id}/delete/",
    "/admin/tracking/ruletrial/{trial_id}/recalculate/",
    "/admin/tracking/ruletrial/{trial_id}/undo/",
}


@pytest.fixture(scope="module")
def requester(shared_world, make_for_file):
    def make():
        requester = Requester(shared_world)
        for row in ROWS:
            if row.method == "POST":
                requester.form_of(row.path)  # with the values of before
        store_everywhere(shared_world, TEXT)
        return requester

    logging.disable()  # refused requests would be logged
    yield make_for_file(make)
    logging.disable(logging.NOTSET)


def sent(requester, method, path, form=None):
    """The page, or the one to which it leads. What the request changes is taken back."""
    headers = requester.set_credentials(requester.world.people["superuser"], by_token=False)
    address = valid_requests.address(path.partition("#")[0], requester.world) + QUERIES.get(path, "")
    with transaction.atomic():
        answer = requester.client.generic(method, address, encode_form(form or {}), FORM, headers=headers)
        if answer.status_code == 302:
            answer = requester.client.get(urljoin(address, answer["Location"]), headers=headers)
        transaction.set_rollback(True)
    assert answer.status_code < 500, (method, path)
    return Page(answer) if answer["Content-Type"].startswith("text/html") else None


def shows_the_text(page):
    return any("<b pwned>" in text for text in page.texts)


def test_every_page_shows_stored_texts_as_texts(requester):
    sent_pages = {row.path: sent(requester, "GET", row.path) for row in ROWS if row.method == "GET"}
    pages = {path: page for path, page in sent_pages.items() if page}
    assert {path: page.faults for path, page in pages.items() if page.faults} == {}
    assert {path for path, page in pages.items() if not shows_the_text(page)} - SHOW_NO_TEXTS == set()


@pytest.mark.parametrize("way", ["wrong", "asked", "done"])
def test_every_form_shows_what_was_stored_and_typed_as_texts(requester, way):
    """With a wrong value in each field; with good values and free texts before these are applied; and after that."""
    forms = {row.endpoint: form_of(requester, row, way) for row in ROWS if row.method == "POST"}
    pages = [(endpoint, sent(requester, *endpoint.split(" "), form)) for endpoint, form in forms.items()]
    assert [(endpoint, page.faults) for endpoint, page in pages if page and page.faults] == []
    assert sum(bool(page and shows_the_text(page)) for _, page in pages) > len(pages) / 2


def form_of(requester, row, way):
    good = requester.form_of(row.path).values
    if row.path.endswith("/import/{import_id}/"):
        return {} if way == "asked" else {"_compare": "1"}  # what was stored does not fit the file any more
    if way == "wrong":
        return {name: TEXT if is_text(name, value) else value for name, value in good.items()}
    noted = {name: TEXT if name in FREE_TEXTS else value for name, value in good.items()}
    return noted if way == "done" else {name: value for name, value in noted.items() if name not in DOES}


def is_text(name, value):
    return isinstance(value, str) and not name.startswith("_") and not name.endswith("_FORMS") and name != "action"
