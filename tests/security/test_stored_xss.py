"""P20: whatever a person or an editor stores is shown as text, on every page that shows it."""

import logging
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from gamification.ledger import triggers
from gamification.models import (
    Achievement,
    ActivityDay,
    AdjustmentRequest,
    Amnesty,
    Badge,
    BadgeAward,
    FirstTime,
    FreezeEvent,
    HolderCounts,
    LearnerProfile,
    LedgerEntry,
    Requirement,
    TimeZoneChange,
    Unlock,
    WindowRefresh,
    WindowScore,
    XPRuleSet,
    default_rules,
)
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge
from levels.models import Level, LevelChange, Section, Unit
from skillquest.accounts.models import AuthSession, BrowserSession, User
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory, metric
from tracking.models import Completion, IdempotencyKey, LearningSession
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, start_session

from . import routes
from .payloads import MARK, PAYLOADS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quietly():
    """Every refusal would be a line."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


PLAIN = "as plain as can be"
OURS = {"accounts", "tracking", "gamification", "levels"}
# Written past every validator: what counts is how it is shown. (JSON: what it becomes with the text inside.)
TEXTS = {
    User: {"username": None, "email": None, "display_name": None},
    Level: {
        **dict.fromkeys(["name", "description", "category", "unit", "estimated_time"]),
        "icon": lambda text: f"bi-{text}"[:50],
        **dict.fromkeys(["skills", "tags"], lambda text: [text]),
        "metadata": lambda text: {"note": text, text: text},
    },
    Section: {"section_id": None, "title": None},
    Unit: {"unit_id": None, "title": None},
    Completion: {"category": None, "metadata": lambda text: {"client_version": text}},
    LedgerEntry: {
        **dict.fromkeys(["note", "subject"]),
        "metadata": lambda text: {"breakdown": [{"factor": text, "value": 10}]},
    },
    XPRuleSet: {"note": None, "rules": lambda text: {**default_rules(), "titles": [[1, text]]}},
    Achievement: {**dict.fromkeys(["name", "description", "category"]), "icon": lambda text: f"bi-{text}"[:50]},
    Badge: dict.fromkeys(["name", "description", "icon_url"]),
    BadgeAward: {"note": None, "metadata": lambda text: {"note": text, text: text}},
    Amnesty: {"reason": None},
    AdjustmentRequest: dict.fromkeys(["reason", "note", "reference_id"]),
}
NOBODYS = {
    User: "password language",  # a hash; one of a list
    Level: "level_id kind xp_rule repeat_policy difficulty",  # a slug, by a constraint; the rest are choices
    LevelChange: "metadata prerequisites",  # what a level had before; shown nowhere
    Completion: "level_type claimed_difficulty difficulty source reason answer",  # of lists; what the server says
    LearningSession: "status",
    LedgerEntry: "reason reference_type reference_id",  # made by the server
    LearnerProfile: "time_zone counters",  # of the list of zones; by the names that our code has for metrics
    XPRuleSet: "status",
    AuthSession: "password_stamp",
    BrowserSession: "session_key session_data",
    IdempotencyKey: "key fingerprint content_type",  # shown nowhere
    Achievement: "achievement_id rarity condition",  # a slug; a choice; of known names (and see the test of conditions)
    **dict.fromkeys([Badge, Unlock, BadgeAward], "condition"),  # likewise
    Requirement: "metric",  # out of a condition; shown nowhere
    FirstTime: "metric value",  # shown nowhere: only counted
    HolderCounts: "holders",  # achievement -> number, counted by the server
    AdjustmentRequest: "status",
    ActivityDay: "kind",
    FreezeEvent: "kind",
    TimeZoneChange: "before time_zone",  # of the list of zones
    WindowScore: "metric",  # of the boards that there are
    WindowRefresh: "metric",
}


def test_every_text_that_somebody_may_store_is_planted():
    """A new one is either shown somewhere, and stands in TEXTS, or nobody can choose it, and NOBODYS says why."""
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            texts = {field.name for field in model._meta.concrete_fields if holds_text(field)}
            assert texts == {*TEXTS.get(model, {}), *NOBODYS.get(model, "").split()}, model


def holds_text(field):
    return isinstance(field, models.CharField | models.TextField | models.JSONField)


def plant(row, text):
    """In every text of the row, as much of it as the column holds."""
    made = {}
    for name, into_json in TEXTS[type(row)].items():
        limit = row._meta.get_field(name).max_length
        made[name] = into_json(text) if into_json else text[:limit]
    type(row)._base_manager.filter(pk=row.pk).update(**made)
    row.refresh_from_db()
    return row


class Planted:
    """One row of each kind that can hold a text, and a learner whose pages show them. `fill` puts the text in."""

    def __init__(self, number, staff):
        self.staff, at = staff, timezone.now()
        self.learner, self.level = UserFactory(), LevelFactory()
        self.achievement = AchievementFactory(condition=metric("levels_completed", 1), xp_reward=5)
        complete_level(learner=self.learner, claim=Claim(self.level.level_id, 900), source="api", at=at)
        # Whoever comes after this learner does not earn it too.
        Achievement.objects.filter(pk=self.achievement.pk).update(published=False)
        # No two have the same total, so that boards name who is ahead.
        adjust(learner_id=self.learner.pk, amount=10 + number, reason=PLAIN, note=PLAIN, actor=staff, at=at)
        session, _ = start_session(learner=self.learner, level=self.level.level_id, resume=False, at=at)
        badge = BadgeFactory()
        award_badge(learner_id=self.learner.pk, badge=badge, actor=staff, note=PLAIN, at=at)
        asking = {"amount": 5, "reason": PLAIN, "note": PLAIN, "reference_id": PLAIN}
        asked = request_adjustment(learner_id=self.learner.pk, actor=UserFactory(is_staff=True), at=at, **asking)
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        times = {"starts_at": long_ago, "ends_at": long_ago + timedelta(hours=1), "created_at": at}
        section = Section.objects.create(section_id=f"s{number}")
        self.texts = [
            self.learner,
            self.level,
            section,
            Unit.objects.create(unit_id=f"u{number}", section=section),
            XPRuleSet.objects.create(version=1000 + number),
            Completion.objects.get(learner=self.learner),
            self.achievement,
            badge,
            BadgeAward.objects.get(learner=self.learner),
            Amnesty.objects.create(number=1 + number, reason=PLAIN, created_by=staff, **times),
            asked,
            *LedgerEntry.objects.filter(learner=self.learner),
        ]
        self.group = Group.objects.create(name=f"group {number}")
        self.rows = [
            *self.texts,
            session,
            self.learner.profile,
            self.group,
            Unlock.objects.get(learner=self.learner),
            ActivityDay.objects.filter(learner=self.learner).latest("date"),
            FreezeEvent.objects.create(learner=self.learner, kind="granted", delta=1, date=at.date(), created_at=at),
            TimeZoneChange.objects.create(learner=self.learner, before="UTC", time_zone="UTC", effective_from=at),
        ]

    def fill(self, text):
        for row in self.texts:
            plant(row, text)
        Group.objects.filter(pk=self.group.pk).update(name=text)
        for row in self.rows:
            note_in_admin(row, text, self.staff)

    def pages(self, model):
        """Of the last row of the model, in the admin."""
        rows = [row for row in self.rows if type(row) is model]
        return [f"{routes.model_paths(model)}{row.pk}/change/" for row in rows[-1:]]


def note_in_admin(row, text, staff):
    """As the admin's own history would hold it."""
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=text,
        action_flag=CHANGE,
        change_message=text,
    )


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture
def plain(staff):
    """As many as there are payloads and one more, each filled with a harmless text of its own."""
    found = [Planted(number, staff) for number in range(len(PAYLOADS) + 1)]
    Achievement.objects.filter(pk__in=[each.achievement.pk for each in found]).update(published=True)
    fill(found, [f"{PLAIN} {number}" for number in range(len(found))])
    return found


@pytest.fixture
def planted(plain):
    """The first stays the plain one, which all others must look like."""
    fill(plain[1:], PAYLOADS)
    return plain


def fill(rows, texts):
    with triggers.maintenance_mode(connection):
        for each, text in zip(rows, texts, strict=True):
            each.fill(text)


@pytest.fixture
def superuser(client, staff):
    client.force_login(staff)
    return client


# --- Reading a page as a browser would --------------------------------------------------------------------------------

INERT = {"application/json", "module", "text/javascript", ""}
DANGEROUS_ADDRESS = re.compile(r"[\x00-\x20]*(javascript|data|vbscript):", re.IGNORECASE)
ADDRESSES = {"href", "src", "action", "formaction", "srcdoc", "xlink:href"}


class Page(HTMLParser):
    """`skeleton`: each element with the names of its attributes. `faults`: what can only have come out of a text."""

    def __init__(self, answer):
        super().__init__(convert_charrefs=True)
        self.skeleton, self.faults, self.texts, self.inside = [], [], [], ""
        self.feed(answer.content.decode())
        self.close()

    @property
    def elements(self):
        """In no order: which option of a list is chosen differs."""
        return sorted(self.skeleton)

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        self.inside = (
            tag if tag in self.CDATA_CONTENT_ELEMENTS and dict(attrs).get("type") != "application/json" else ""
        )
        if tag != "br":
            self.skeleton.append((tag, *names))
        if MARK in tag or any(MARK in name or name.startswith("on") for name in names) or tag in {"base", "iframe"}:
            self.faults.append((tag, attrs))
        self.faults += [(tag, attrs) for name, value in attrs if name in ADDRESSES and is_dangerous(value)]
        self.texts += [value for _, value in attrs if value]

    def handle_endtag(self, _tag):
        self.inside = ""

    def handle_data(self, data):
        self.texts.append(data)
        if self.inside and MARK in data:
            self.faults.append((self.inside, data))

    def handle_comment(self, data):
        if MARK in data:
            self.faults.append(("comment", data))

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_dangerous(address):
    return bool(address and DANGEROUS_ADDRESS.match(address))


def read(client, path):
    """The page, once nothing on it is more than text."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert answer["Content-Type"].startswith("text/html")
    page = Page(answer)
    assert page.faults == [], path
    return page


def shown_on(pages, texts):
    everything = "\n".join(text for page in pages for text in page.texts)
    return {text for text in texts if text in everything}


def test_a_page_that_escapes_nothing_would_be_noticed():
    """Else all that follows would be worth nothing."""
    blind = []
    for payload in PAYLOADS:
        places = (payload, f'<a title="{payload}">', f"<a title='{payload}'>", f"<a href='{payload}'>")
        made = [Page(FakeAnswer(f"<p>{place}</p>")).skeleton for place in places]
        plain = [Page(FakeAnswer(f"<p>{place.replace(payload, PLAIN)}</p>")).skeleton for place in places]
        faults = [fault for place in places for fault in Page(FakeAnswer(f"<p>{place}</p>")).faults]
        if made == plain and not faults:
            blind.append(payload)
    # The rest mean something only to another reader than the one above.
    assert {each for each in blind if "<" in each or '"' in each} <= {"<%= pwned %>", "<!--<b pwned>"}


class FakeAnswer:
    def __init__(self, text):
        self.content = text.encode()


# --- The pages --------------------------------------------------------------------------------------------------------


# Each address, and how many of the learners open it: every one, or every so many-th where a page shows others' texts.
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


def test_learners_pages_show_texts(plain):
    """Learners differ in their ranks and in what they hold, so each page is compared to itself with harmless texts."""
    opened = {address: plain[::step] for address, step in LEARNERS_PAGES.items()}
    before = {address: read_as_learners(address, learners) for address, learners in opened.items()}
    fill(plain, [PLAIN, *PAYLOADS])
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


def test_lists_of_the_admin_show_texts(planted, superuser):
    lists = {model: [read(superuser, f"{folder}?all=")] for folder, model in routes.registered_models().items()}
    # All models that hold a text, and those whose rows are named after one.
    for model in (*TEXTS, LearnerProfile, Group, Unlock, ActivityDay, FreezeEvent, TimeZoneChange):
        assert shown_on(lists[model], [text[:40] for text in PAYLOADS]) == {text[:40] for text in PAYLOADS}, model
    assert shown_on([read(superuser, "/admin/")], PAYLOADS)


def test_pages_of_the_admin_show_texts(planted, superuser):
    """Every text on the pages of some models, and every model with some texts: all by all would take minutes."""
    for number, model in enumerate(admin.site._registry):
        pages = [
            read(superuser, page) for each in [planted[0], *planted[1 + number % 5 :: 5]] for page in each.pages(model)
        ]
        assert len(pages) > len(PAYLOADS) // 5, model
        assert [page.elements == pages[0].elements for page in pages] == [True] * len(pages), model


def test_histories_and_questions_of_the_admin_show_texts(planted, superuser):
    for row in planted[7].rows:
        folder = f"{routes.model_paths(type(row))}{row.pk}"
        assert shown_on([read(superuser, f"{folder}/history/")], [PAYLOADS[6]])
        if superuser.get(f"{folder}/delete/").status_code == 200:
            read(superuser, f"{folder}/delete/")


def test_pages_on_which_staff_act_show_texts(planted, superuser):
    for each, text in list(zip(planted[1:], PAYLOADS, strict=True))[::4]:
        row = {type(row): row for row in each.rows}
        for model, page in [
            (Achievement, "backfill"),
            (Badge, "backfill"),
            (Badge, "by-hand"),
            (AdjustmentRequest, "decide"),
            (LedgerEntry, "reverse"),
            (LearnerProfile, "adjust"),
            (User, "erase"),
        ]:
            path = f"{routes.model_paths(model)}{row[model].pk}/{page}/"
            # As much of it as a username holds.
            assert shown_on([read(superuser, path)], [text[:40]]) == {text[:40]}, path


def test_the_page_that_takes_back_an_unlock_shows_texts(superuser):
    """One that paid nothing: others are taken back by their ledger line."""
    for text in PAYLOADS[::4]:
        achievement = AchievementFactory()
        plant(achievement, text)
        unlock = UnlockFactory(achievement=achievement)
        assert shown_on([read(superuser, f"/admin/gamification/unlock/{unlock.pk}/revoke/")], [text]) == {text}


def test_conditions_past_their_validator_are_shown_as_text(superuser):
    for factory in (AchievementFactory, BadgeFactory):
        owner = factory()
        model, folder = type(owner), routes.model_paths(type(owner))
        for text in PAYLOADS[::8]:
            for condition in ({"type": text}, {text: text}, metric(text, 5)):
                model.objects.filter(pk=owner.pk).update(condition=condition)
                read(superuser, folder)
                read(superuser, f"{folder}{owner.pk}/change/")


# --- What is said back at once ----------------------------------------------------------------------------------------


def test_what_a_form_says_back_is_text(client):
    for payload in PAYLOADS:
        sign_in = Page(client.post("/sign-in", {"identifier": payload, "password": payload}))
        sign_up = Page(client.post("/sign-up", {"username": payload, "email": payload, "password": "x"}))
        forgot = Page(client.post("/forgot-password", {"email": payload}))
        assert (sign_in.faults, sign_up.faults, forgot.faults) == ([], [], [])
        for page in (sign_in, sign_up, forgot):
            assert shown_on([page], [payload]) == {payload}


def test_what_a_search_says_back_is_text(superuser):
    for payload in PAYLOADS:
        for path, name in [("/levels", "search"), ("/admin/levels/level/", "q")]:
            assert Page(superuser.get(path, {name: payload})).faults == []


def test_what_the_preview_of_an_adjustment_says_back_is_text(superuser, learner):
    for payload in PAYLOADS:
        form = {"amount": 5, "reason": payload, "note": payload, "reference_id": payload}
        page = Page(superuser.post(f"/admin/gamification/learnerprofile/{learner.pk}/adjust/", form))
        assert page.faults == []
        assert shown_on([page], [payload]) == {payload}


# --- The doors --------------------------------------------------------------------------------------------------------


def test_a_name_to_show_is_kept_whole_and_a_name_to_sign_in_with_is_refused(learner_api, api):
    for payload in PAYLOADS:
        answer = learner_api.patch("/api/v1/auth/me", {"display_name": payload})
        assert (answer.status_code, answer["X-Content-Type-Options"]) in {(200, "nosniff"), (400, "nosniff")}
        assert answer.status_code == 400 or answer.json()["display_name"] == payload
        person = {"username": payload, "email": "a@example.test", "password": "correct horse battery"}
        assert set(api.post("/api/v1/auth/register", person).json()["errors"]) == {"username"}


def test_an_icon_is_one_of_the_list(staff_api):
    LevelFactory(level_id="maze", icon="bi-puzzle")
    wrong = ["bi", "bi-", "bi- x", "BI-X", "x", ""]
    for icon in [*wrong, *PAYLOADS, *(f"bi-{payload}" for payload in PAYLOADS)]:
        answer = staff_api.patch("/api/v1/levels/maze", {"icon": icon})
        assert (answer.status_code, set(answer.json().get("errors", {}))) == (400, {"icon"}), icon
    assert Level.objects.get().icon == "bi-puzzle"


def test_our_scripts_put_texts_on_the_page_as_texts():
    makers = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|setHTML")
    scripts = list((Path(routes.__file__).parents[2] / "static" / "skillquest").rglob("*.js"))
    assert [str(script) for script in scripts if makers.search(script.read_text())] == []
    assert len(scripts) > 3
