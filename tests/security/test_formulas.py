"""P21: no cell of a file for spreadsheets that staff download is a formula, whatever people stored."""

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from openpyxl import load_workbook

from exchange.admin import ImportAdmin
from levels.models import Level, Question
from tests.exchange.formulas import is_formula
from tracking.models import RuleTrial

from .hostile_rows import store_everywhere
from .stored_texts import TEXTS

pytestmark = pytest.mark.django_db

TEXT = '=HYPERLINK("//x.test",1)|\'!A'
ENDINGS = ["csv", "xlsx"]
LISTS = [
    (model, columns)
    for model, model_admin in admin.site._registry.items()
    for columns in (["list", "fields"] if isinstance(model_admin, ImportAdmin) else ["list"])
]


@pytest.fixture(scope="module")
def hostile_world(shared_world, make_for_file):
    make_for_file(lambda: store_everywhere(shared_world, TEXT))
    return shared_world


@pytest.fixture
def superuser(hostile_world, client, db):
    client.force_login(hostile_world.people["superuser"].user)
    return client


def cells_of(answer, ending):
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if ending == "csv":
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row]
    cells = [cell for row in load_workbook(io.BytesIO(content)).active.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    return [cell.value for cell in cells if isinstance(cell.value, str)]


def check(answer, ending, *, has_texts):
    assert answer.status_code == 200, answer
    cells = cells_of(answer, ending)
    assert [cell for cell in cells if is_formula(cell)] == []
    assert any(cell.startswith(f"'{TEXT[:9]}") for cell in cells) >= has_texts


@pytest.mark.parametrize("ending", ENDINGS)
def test_exports_of_lists(superuser, ending):
    for model, columns in LISTS:
        path = f"/admin/export/{model._meta.app_label}/{model._meta.model_name}/{columns}.{ending}"
        check(superuser.get(path), ending, has_texts=model in {*TEXTS, Group} - WITHOUT_TEXTS)


# Their lists have no text that begins with what somebody typed.
WITHOUT_TEXTS = set()


@pytest.mark.parametrize("ending", ENDINGS)
def test_exports_of_questions(superuser, ending):
    for level in Level.objects.filter(pk__in=Question.objects.values("level")):
        path = f"/admin/levels/question/export/?level={level.pk}&format={ending}"
        check(superuser.get(path), ending, has_texts=True)


@pytest.mark.parametrize("table", ["learners", "levels", "sources"])
def test_files_of_trials(superuser, hostile_world, table):
    path = f"/admin/tracking/ruletrial/{hostile_world.rows[RuleTrial].pk}/{table}.csv"
    check(superuser.get(path), "csv", has_texts=table != "sources")
