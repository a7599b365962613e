import html
import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange import lists
from tests.exchange.reading import csv_rows, json_rows, xlsx_rows
from tests.factories import LevelFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db

LEVELS, LEDGER = "/admin/export/levels/level/list", "/admin/export/gamification/ledgerentry/list"
ALL_LISTS = sorted((model._meta.app_label, model._meta.model_name) for model in admin.site._registry)


@pytest.fixture
def staff_client(client, staff):
    client.force_login(staff)
    return client


def in_group(client, name):
    person = UserFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=name))
    client.force_login(person)
    return person


def test_a_list_is_exported_as_it_is_filtered_with_ids(staff_client):
    level = LevelFactory(name="=1+1", level_id="maze", number=4, category="tests", xp_reward=50)
    LevelFactory(kind="mode")
    LevelFactory(name="Other", kind="challenge")
    row = {"id": level.pk, "name": "=1+1", "level_id": "maze", "number": 4, "category": "tests"}
    row |= {"kind": "simulation", "difficulty": "normal", "xp_reward": 50, "published": True}
    filters = {"kind__exact": "simulation", "q": "maze", "o": "1", "p": "7"}
    assert json_rows(staff_client.get(f"{LEVELS}.json", filters)) == [row]
    assert xlsx_rows(staff_client.get(f"{LEVELS}.xlsx", filters)) == [row | {"name": "'=1+1"}]
    texts = {name: str(value) for name, value in row.items()} | {"name": "'=1+1", "published": "yes"}
    assert csv_rows(staff_client.get(f"{LEVELS}.csv", filters)) == [texts]


def test_the_learner_of_a_row_is_named_and_numbered(staff_client, staff):
    learner = UserFactory()
    entry = adjust(learner_id=learner.pk, amount=5, reason="r", note="=n", actor=staff, at=timezone.now())
    (row,) = json_rows(staff_client.get(f"{LEDGER}.json"))
    assert (row["id"], row["learner"], row["learner_id"]) == (entry.pk, learner.username, learner.pk)
    assert (row["delta"], row["note"], row["created_at"]) == (5, "r\n=n", entry.created_at.isoformat())


def test_columns_that_are_only_links_are_left_out_and_markup_is_removed(staff_client):
    UserFactory()
    (row, *_) = json_rows(staff_client.get("/admin/export/gamification/learnerprofile/list.json"))
    assert "adjust_link" not in row
    assert "<" not in str(row)


@pytest.mark.parametrize(("app", "model"), ALL_LISTS)
def test_every_list_is_exported_and_the_export_logged(staff_client, staff, app, model):
    assert isinstance(json_rows(staff_client.get(f"/admin/export/{app}/{model}/list.json")), list)
    entry = LogEntry.objects.latest("pk")
    assert (entry.user, entry.content_type.model, entry.change_message) == (staff, model, "Exported as JSON.")


def test_the_log_names_the_filters_but_not_what_was_searched(staff_client):
    csv_rows(staff_client.get(f"{LEVELS}.csv", {"q": "ana@example.test", "kind__exact": "mode"}))
    assert LogEntry.objects.latest("pk").change_message == "Exported as CSV, filtered by kind__exact, q."


@pytest.mark.parametrize(
    ("group", "level_status", "user_status"), [("Content editor", 200, 403), ("Analyst", 200, 403), (None, 403, 403)]
)
def test_people_export_what_they_may_view(client, group, level_status, user_status):
    if group:
        in_group(client, group)
    else:
        client.force_login(UserFactory(is_staff=True))
    assert client.get(f"{LEVELS}.csv").status_code == level_status
    assert client.get("/admin/export/accounts/user/list.csv").status_code == user_status


def test_others_are_sent_to_sign_in_and_other_addresses_do_not_exist(client, staff):
    assert client.get(f"{LEVELS}.csv").status_code == 302
    client.force_login(UserFactory())
    assert client.get(f"{LEVELS}.csv").status_code == 302
    client.force_login(staff)
    for path in (
        "levels/nothing/list.csv",
        "levels/level/list.pdf",
        "sessions/session/list.csv",
        "jobs/job/fields.csv",
    ):
        assert client.get(f"/admin/export/{path}").status_code == 404, path
    assert client.post(f"{LEVELS}.csv").status_code == 405


def test_wrong_filters_lead_back_to_the_list(staff_client):
    answer = staff_client.get(f"{LEVELS}.csv", {"difficulty__nothing": "1"}, follow=True)
    assert answer.redirect_chain == [("/admin/levels/level/", 302)]
    assert "These filters do not fit the list." in answer.content.decode()


def test_a_long_list_is_read_in_portions_and_not_offered_as_xlsx(staff_client, monkeypatch, settings):
    monkeypatch.setattr(lists, "PORTION", 2)
    settings.EXCHANGE_ROWS_AT_ONCE = 4
    levels = LevelFactory.create_batch(5)
    with CaptureQueriesContext(connection) as queries:
        rows = json_rows(staff_client.get(f"{LEVELS}.json"))
    assert [row["id"] for row in rows] == [level.pk for level in levels]
    assert sum(query["sql"].endswith("LIMIT 2") and "levels_level" in query["sql"] for query in queries) == 3
    answer = staff_client.get(f"{LEVELS}.xlsx", follow=True)
    assert "The list has more than 4 rows." in answer.content.decode()


def test_a_list_links_to_its_exports_with_its_filters(staff_client):
    page = staff_client.get("/admin/levels/level/", {"kind__exact": "mode"}).content.decode()
    assert html.unescape(page).count("/admin/export/levels/level/list.csv?kind__exact=mode") == 1
    for path in ("tracking/completion", "gamification/learnerprofile", "jobs/job", "accounts/user"):
        assert re.search(r"/admin/export/[a-z/]+/list\.xlsx", staff_client.get(f"/admin/{path}/").content.decode()), (
            path
        )


def test_as_many_statements_for_many_rows(staff_client):
    counts = []
    for _ in range(2):
        LevelFactory.create_batch(5)
        with CaptureQueriesContext(connection) as queries:
            json_rows(staff_client.get(f"{LEVELS}.json"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
