"""The pages of analytics: who may open them, what they show, what they cost."""

import csv
import io
from itertools import cycle

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import Analytics
from analytics.reports import PAGES
from analytics.rolling.jobs import ANALYTICS_ID
from gamification.models import Achievement
from jobs.models import Job
from levels.models import Level, Question
from tests.exchange.formulas import FORMULAS, is_formula
from tests.factories import LevelFactory, UserFactory
from tests.pages.html import text_of

from .expected import Expected
from .world import NOW

pytestmark = pytest.mark.django_db
ADDRESSES = ["/admin/analytics/analytics/", "/admin/analytics/analytics/learning/", "/admin/analytics/analytics/xp/"]
FILE = "/admin/analytics/analytics/{}.csv"
MOST_STATEMENTS = 12


@pytest.fixture
def analyst(client, db):
    person = UserFactory(is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_analytics"))
    client.force_login(person)
    return client


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_addresses_are_all_pages(analyst):
    assert len(ADDRESSES) == len(PAGES)
    assert [analyst.get(address).status_code for address in ADDRESSES] == [200, 200, 200]


@pytest.mark.parametrize("address", [*ADDRESSES, FILE.format("funnel")])
def test_only_those_with_the_permission_see_them(client, address):
    client.force_login(UserFactory(is_staff=True))
    assert client.get(address).status_code == 403
    client.force_login(UserFactory())
    assert client.get(address).status_code == 302


def test_nothing_is_posted(analyst):
    assert [analyst.post(address).status_code for address in ADDRESSES] == [405, 405, 405]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_new_installation_has_empty_charts_and_starts_a_job(analyst, address):
    answer = analyst.get(address)
    assert "The figures are being computed for the first time" in text_of(answer)
    assert Job.objects.unfinished().get().kind == "roll_up_analytics"
    assert "No data yet" in answer.content.decode()
    analyst.get(address)
    assert Job.objects.unfinished().count() == 1  # the same


def test_figures_of_this_hour_start_no_job(analyst):
    Analytics.objects.create(pk=ANALYTICS_ID, rolled_at=timezone.now(), counted_at=timezone.now())
    analyst.get(ADDRESSES[0])
    assert Job.objects.unfinished().count() == 0


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_costs_few_statements(history, analyst, address):
    analyst.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert analyst.get(f"{address}?weeks=52").status_code == 200
    assert len(captured) <= MOST_STATEMENTS


def test_a_page_has_a_chart_and_a_file_for_each_report(history, analyst):
    for page, address in zip(PAGES, ADDRESSES, strict=True):
        html = analyst.get(address).content.decode()
        assert html.count('role="img"') == len(page.reports)
        for report in page.reports:
            assert f'{report.name}.csv?weeks=12"' in html
            assert analyst.get(FILE.format(report.name)).status_code == 200


def test_a_file_has_the_figures_of_the_filters(history, analyst):
    answer = analyst.get(f"{FILE.format('funnel')}?weeks=4&section=section-1")
    header, *rows = rows_of(answer)
    assert header[:4] == ["Level", "Section", "Level ID", "Started"]
    assert rows == [[str(cell) for cell in row] for row in Expected(NOW.date(), 4, "section-1").funnel()]
    assert answer["Content-Disposition"] == 'attachment; filename="funnel.csv"'


@pytest.mark.parametrize(("report", "model", "field"), [("questions", Question, "prompt"), ("funnel", Level, "name")])
def test_no_cell_of_a_file_is_a_formula(history, analyst, report, model, field):
    rows = model.objects.order_by("pk")
    for row, formula in zip(rows, cycle(FORMULAS), strict=False):
        model.objects.filter(pk=row.pk).update(**{field: f"{formula}{row.pk}"})
    _header, *lines = rows_of(analyst.get(f"{FILE.format(report)}?weeks=52"))
    assert len(lines) > 2
    assert [name for name, *_ in lines if is_formula(name)] == []
    assert any(name.startswith("'") for name, *_ in lines)


@pytest.mark.parametrize("query", ["weeks=5", "weeks=x", "section=nowhere", "weeks=&section="])
def test_a_filter_that_is_no_choice_is_left_out(history, analyst, query):
    assert analyst.get(f"{ADDRESSES[1]}?{query}").status_code == 200


def test_a_report_that_there_is_not_is_not_found(analyst):
    assert analyst.get(FILE.format("nothing")).status_code == 404


def test_the_section_of_a_level_may_have_any_name(analyst):
    LevelFactory(category="<b>& more")
    html = analyst.get(f"{ADDRESSES[1]}?section=%3Cb%3E%26+more").content.decode()
    assert "section=%3Cb%3E%26%20more" in html
    assert "<b>&" not in html


def test_names_in_charts_and_tables_are_escaped(history, analyst):
    hostile = "<script>pwned()</script>"
    for model, field in [(Level, "name"), (Question, "prompt"), (Achievement, "name")]:
        model.objects.update(**{field: Concat(Value(hostile), field)})
    pages = [analyst.get(f"{address}?weeks=52").content.decode() for address in ADDRESSES]
    assert not any(hostile in page for page in pages)
    assert sum("&lt;script" in page for page in pages) >= 2


def test_the_commands_start_the_jobs(db):
    call_command("roll_up_analytics")
    call_command("roll_up_analytics")
    call_command("rebuild_analytics")
    started = Job.objects.unfinished().order_by("pk")
    assert [job.params["everything"] for job in started] == [False, True]
