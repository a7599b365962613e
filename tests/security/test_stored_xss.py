"""P20: every text that people or staff can store is escaped on all pages that show it."""

import copy
import logging
import re
from pathlib import Path
from unicodedata import normalize

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from analytics.models import Analytics
from approvals.models import ApprovalRequest
from change_history.records import RecordedChange
from gamification.ledger import triggers
from gamification.models import (
    Achievement,
    ActivityDay,
    Badge,
    FreezeEvent,
    LearnerProfile,
    LedgerEntry,
    TimeZoneChange,
    Unlock,
)
from levels.models import Level
from skillquest.accounts.models import User
from tests.factories import LevelFactory, StaffFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory, metric

from . import routes
from .html_pages import Page
from .payloads import PAYLOADS
from .stored_texts import HARMLESS, NOT_CHOSEN, OURS, TEXTS, LearnerWithTexts, holds_text, store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_log():
    """Without this, every refused request would be logged."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def test_all_text_fields_are_covered():
    """Add a new field to TEXTS if it is shown, or to NOT_CHOSEN, with a reason, if people cannot choose its value."""
    for model in apps.get_models():
        # The copies of rows in the history are made of these fields; `record_change` fills in what else is shown.
        if model._meta.app_label in OURS and not issubclass(model, RecordedChange):
            texts = {field.name for field in model._meta.concrete_fields if holds_text(field)}
            assert texts == {*TEXTS.get(model, {}), *NOT_CHOSEN.get(model, "").split()}, model


@pytest.fixture(scope="module")
def shared_staff(make_for_file):
    return make_for_file(StaffFactory)


@pytest.fixture
def staff(shared_staff, db):
    return copy.deepcopy(shared_staff)


@pytest.fixture(scope="module")
def shared_learners(make_for_file, shared_staff):
    return make_for_file(lambda: make_learners(shared_staff))


def make_learners(staff):
    found = [LearnerWithTexts(number, staff) for number in range(len(PAYLOADS) + 1)]
    Achievement.objects.filter(pk__in=[each.achievement.pk for each in found]).update(published=True)
    fill(found, [f"{HARMLESS} {number}" for number in range(len(found))])
    return found


@pytest.fixture
def harmless(shared_learners, db):
    """One learner more than there are payloads, each with a different harmless text."""
    return copy.deepcopy(shared_learners)


@pytest.fixture
def hostile(harmless):
    """The first learner keeps a harmless text; pages of the others must have the same elements."""
    fill(harmless[1:], PAYLOADS)
    return harmless


def fill(rows, texts):
    with triggers.maintenance_mode(connection):
        for each, text in zip(rows, texts, strict=True):
            each.fill(text)


@pytest.fixture
def superuser(client, staff):
    client.force_login(staff)
    return client


# --- Parsing pages as browsers do -------------------------------------------------------------------------------------


def read(client, path):
    """The parsed page, after checking that no text created an element."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert answer["Content-Type"].startswith("text/html")
    page = Page(answer)
    assert page.faults == [], path
    return page


def shown_on(pages, texts):
    everything = "\n".join(text for page in pages for text in page.texts)
    return {text for text in texts if text in everything}


def test_a_page_without_escaping_is_detected():
    """Otherwise the other tests would prove nothing."""
    undetected = []
    for payload in PAYLOADS:
        places = (payload, f'<a title="{payload}">', f"<a title='{payload}'>", f"<a href='{payload}'>")
        made = [Page(FakeAnswer(f"<p>{place}</p>")).skeleton for place in places]
        plain = [Page(FakeAnswer(f"<p>{place.replace(payload, HARMLESS)}</p>")).skeleton for place in places]
        faults = [fault for place in places for fault in Page(FakeAnswer(f"<p>{place}</p>")).faults]
        if made == plain and not faults:
            undetected.append(payload)
    # The other payloads are only dangerous for other parsers than HTMLParser.
    assert {each for each in undetected if "<" in each or '"' in each} <= {"<%= pwned %>", "<!--<b pwned>"}


class FakeAnswer:
    def __init__(self, text):
        self.content = text.encode()


# --- The pages --------------------------------------------------------------------------------------------------------


# Path -> step: each path is opened by every n-th learner, because some pages show the texts of other learners too.
LEARNERS_PAGES = {
    "/dashboard": 1,
    "/levels/{}": 1,
    "/history": 1,
    "/profile": 1,
    "/leaderboards": 3,
    "/achievements": 16,
    "/levels": 32,
}


def read_as_learners(address, learners):
    pages = []
    for each in learners:
        browser = Client()
        browser.force_login(each.learner)
        pages.append(read(browser, address.format(each.level.level_id)))
    return pages


def test_pages_for_learners_escape_texts(harmless):
    """Pages differ between learners, so each page is compared with itself with harmless texts."""
    opened = {address: harmless[::step] for address, step in LEARNERS_PAGES.items()}
    before = {address: read_as_learners(address, learners) for address, learners in opened.items()}
    fill(harmless, [HARMLESS, *PAYLOADS])
    for address, learners in opened.items():
        pages = read_as_learners(address, learners)
        made = [
            sorted(set(page.elements) ^ set(old.elements)) for page, old in zip(pages, before[address], strict=True)
        ]
        assert made == [[]] * len(pages), address
        assert [page.elements == old.elements for page, old in zip(pages, before[address], strict=True)] == [
            True
        ] * len(pages), address
        assert shown_on(pages, PAYLOADS) == set(PAYLOADS), address


def test_lists_of_the_admin_escape_texts(hostile, superuser):
    lists = {model: [read(superuser, f"{folder}?all=")] for folder, model in routes.registered_models().items()}
    # All models with texts, and those whose string representation contains one.
    listed = (model for model in TEXTS if model in lists)
    for model in (*listed, LearnerProfile, Group, Unlock, ActivityDay, FreezeEvent, TimeZoneChange):
        assert shown_on(lists[model], [text[:40] for text in PAYLOADS]) == {text[:40] for text in PAYLOADS}, model
    assert shown_on([read(superuser, "/admin/")], PAYLOADS)


def test_pages_of_the_admin_escape_texts(hostile, superuser):
    """A fifth of the texts for each model, because all combinations would take minutes."""
    # Pages of figures, without a row of anybody: tests/analytics has hostile names in them.
    for number, model in enumerate([each for each in admin.site._registry if each is not Analytics]):
        pages = [
            read(superuser, page) for each in [hostile[0], *hostile[1 + number % 5 :: 5]] for page in each.pages(model)
        ]
        assert len(pages) > len(PAYLOADS) // 5, model
        assert [page.elements == pages[0].elements for page in pages] == [True] * len(pages), model


def test_history_and_confirmation_pages_of_the_admin_escape_texts(hostile, superuser):
    for row in hostile[7].rows:
        folder = f"{routes.model_paths(type(row))}{row.pk}"
        assert shown_on([read(superuser, f"{folder}/history/")], [PAYLOADS[6]])
        if superuser.get(f"{folder}/delete/").status_code == 200:
            read(superuser, f"{folder}/delete/")


def test_pages_for_staff_actions_escape_texts(hostile, superuser):
    for each, text in list(zip(hostile[1:], PAYLOADS, strict=True))[::4]:
        row = {type(row): row for row in each.rows}
        for model, page in [
            (Achievement, "backfill"),
            (Badge, "backfill"),
            (Badge, "by-hand"),
            (ApprovalRequest, "decide"),
            (LedgerEntry, "reverse"),
            (LearnerProfile, "adjust"),
            (LearnerProfile, "standing"),
            (User, "erase"),
        ]:
            path = f"{routes.model_paths(model)}{row[model].pk}/{page}/"
            # Cut to the length of a username.
            assert shown_on([read(superuser, path)], [text[:40]]) == {text[:40]}, path


def test_the_page_of_a_learner_escapes_texts(hostile, superuser):
    for each, text in list(zip(hostile[1:], PAYLOADS, strict=True))[::12]:
        folder = f"{routes.model_paths(LearnerProfile)}{each.learner.pk}"
        for tab in ("change", "xp", "results", "progress", "account", "history"):
            assert shown_on([read(superuser, f"{folder}/{tab}/")], [text[:40]]) == {text[:40]}, tab


def test_the_page_that_revokes_an_unlock_escapes_texts(superuser):
    """The unlock has paid nothing; others are revoked by reversing their ledger entry."""
    for text in PAYLOADS[::4]:
        achievement = AchievementFactory()
        store(achievement, text)
        unlock = UnlockFactory(achievement=achievement)
        assert shown_on([read(superuser, f"/admin/gamification/unlock/{unlock.pk}/revoke/")], [text]) == {text}


def test_conditions_that_bypassed_validation_are_escaped(superuser):
    for factory in (AchievementFactory, BadgeFactory):
        owner = factory()
        model, folder = type(owner), routes.model_paths(type(owner))
        for text in PAYLOADS[::8]:
            for condition in ({"type": text}, {text: text}, metric(text, 5)):
                model.objects.filter(pk=owner.pk).update(condition=condition)
                read(superuser, folder)
                read(superuser, f"{folder}{owner.pk}/change/")


# --- Input that is shown again ----------------------------------------------------------------------------------------


def test_forms_escape_the_input_that_they_show_again(client):
    for payload in PAYLOADS:
        sign_in = Page(client.post("/sign-in", {"identifier": payload, "password": payload}))
        sign_up = Page(client.post("/sign-up", {"username": payload, "email": payload, "password": "x"}))
        forgot = Page(client.post("/forgot-password", {"email": payload}))
        assert (sign_in.faults, sign_up.faults, forgot.faults) == ([], [], [])
        for page in (sign_in, sign_up, forgot):
            assert shown_on([page], [payload]) == {payload}


def test_searches_escape_the_input_that_they_show_again(superuser):
    for payload in PAYLOADS:
        for path, name in [("/levels", "search"), ("/admin/levels/level/", "q"), ("/admin/search/", "q")]:
            assert Page(superuser.get(path, {name: payload})).faults == []


def test_the_preview_of_an_adjustment_escapes_its_input(superuser, learner):
    for payload in PAYLOADS:
        form = {"amount": 5, "reason": payload, "note": payload, "reference_id": payload}
        page = Page(superuser.post(f"/admin/gamification/learnerprofile/{learner.pk}/adjust/", form))
        assert page.faults == []
        assert shown_on([page], [payload]) == {payload}


# --- Validation -------------------------------------------------------------------------------------------------------


def test_display_names_are_stored_in_normal_form_and_usernames_refused(learner_api, api):
    for payload in PAYLOADS:
        answer = learner_api.patch("/api/v1/auth/me", {"display_name": payload})
        assert (answer.status_code, answer["X-Content-Type-Options"]) in {(200, "nosniff"), (400, "nosniff")}
        assert answer.status_code == 400 or answer.json()["display_name"] == normalize("NFKC", payload)
        person = {"username": payload, "email": "a@example.test", "password": "correct horse battery"}
        assert set(api.post("/api/v1/auth/register", person).json()["errors"]) == {"username"}


def test_icons_that_are_not_in_the_list_are_refused(staff_api):
    LevelFactory(level_id="maze", icon="bi-puzzle")
    wrong = ["bi", "bi-", "bi- x", "BI-X", "x", ""]
    for icon in [*wrong, *PAYLOADS, *(f"bi-{payload}" for payload in PAYLOADS)]:
        answer = staff_api.patch("/api/v1/levels/maze", {"icon": icon})
        assert (answer.status_code, set(answer.json().get("errors", {}))) == (400, {"icon"}), icon
    assert Level.objects.get(level_id="maze").icon == "bi-puzzle"


def test_scripts_do_not_insert_texts_as_html():
    makers = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|setHTML")
    scripts = list((Path(routes.__file__).parents[2] / "static" / "skillquest").rglob("*.js"))
    assert [str(script) for script in scripts if makers.search(script.read_text())] == []
    assert len(scripts) > 3
