"""“Cafe” with an accent, typed in two ways, is one name: texts are stored and compared in Unicode's form NFC."""

import json
from importlib import import_module

import pytest
from django.apps import apps

from catalogues.files import CatalogueError
from levels.loading.load import load_catalogue
from levels.models import Level, Section, Unit
from tests.factories import LevelFactory
from tests.levels.test_admin import form as admin_form

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

COMPOSED, DECOMPOSED = "Caf\u00e9", "Cafe\u0301"
ROW = {"level_id": "a", "name": DECOMPOSED, "category": "c", "kind": "mode", "difficulty": "easy", "xp_reward": 1}


@pytest.fixture
def load(tmp_path):
    def load(**document):
        path = tmp_path / "catalogue.json"
        path.write_text(json.dumps(document))
        return load_catalogue([path])

    return load


@pytest.mark.parametrize("stored", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("text", [COMPOSED, DECOMPOSED])
def test_a_session_starts_by_the_name_in_either_form(stored, text, learner_api):
    LevelFactory(name=stored)
    answer = learner_api.post("/api/v1/sessions/start", {"session_name": text})
    assert answer.status_code in {200, 201}, answer.json()


@pytest.mark.parametrize("text", [COMPOSED, DECOMPOSED])
def test_names_are_found_in_either_form(text):
    level = LevelFactory(name=COMPOSED)
    assert Level.objects.named(text, by_name=True).get() == level
    assert Level.objects.named_by_any([text]).get() == level
    assert Level.objects.get(name=text) == level


@pytest.mark.parametrize("text", [COMPOSED, DECOMPOSED])
def test_lists_are_filtered_in_either_form(text, learner_api):
    LevelFactory(level_id="a", category=DECOMPOSED, tags=[DECOMPOSED], description=f"In the {DECOMPOSED}.")
    for query in ({"category": text}, {"tag": text}, {"search": text.upper()}):
        assert [row["level_id"] for row in learner_api.get("/api/v1/levels", query).json()["results"]] == ["a"], query


def test_the_api_stores_the_composed_form_and_refuses_the_same_name_twice(staff_api):
    data = {"level_id": "a", "name": DECOMPOSED, "category": DECOMPOSED, "tags": [DECOMPOSED], "skills": [DECOMPOSED]}
    body = staff_api.post("/api/v1/levels", data).json()
    assert [body[name] for name in ("name", "category", "tags", "skills")] == [
        COMPOSED,
        COMPOSED,
        [COMPOSED],
        [COMPOSED],
    ]
    assert Level.objects.get().name == COMPOSED
    answer = staff_api.post("/api/v1/levels", {"level_id": "b", "name": COMPOSED, "category": "c"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])


def test_the_admin_stores_the_composed_form(client, staff):
    client.force_login(staff)
    data = admin_form(Level(level_id="a", name=DECOMPOSED, category=DECOMPOSED))
    assert client.post("/admin/levels/level/add/", data).status_code == 302
    assert Level.objects.values_list("name", "category").get() == (COMPOSED, COMPOSED)


def test_the_loader_stores_the_composed_form(load):
    unit = {"unit_id": "u", "title": DECOMPOSED, "order": 1}
    section = {"section_id": "c", "title": DECOMPOSED, "order": 1, "units": [unit]}
    document = {"sections": [section], "levels": [{**ROW, "tags": [DECOMPOSED]}]}
    load(**document)
    assert Level.objects.values_list("name", "tags").get() == (COMPOSED, [COMPOSED])
    assert (Section.objects.get().title, Unit.objects.get().title) == (COMPOSED, COMPOSED)
    assert [outcome.verdict for outcome in load(**document)] == ["unchanged"] * 3


def test_two_spellings_of_one_name_are_refused_by_the_loader(load):
    with pytest.raises(CatalogueError, match="is used twice"):
        load(levels=[ROW, {**ROW, "level_id": "b", "name": COMPOSED}])


def test_rows_from_before_are_put_into_normal_form():
    first, second = LevelFactory(level_id="a"), LevelFactory(level_id="b", name=COMPOSED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("catalogues.texts.normal_form", lambda value: value)
        Level.objects.filter(pk=first.pk).update(name=DECOMPOSED, category=DECOMPOSED)
    import_module("levels.migrations.0003_normal_form").store_in_normal_form(apps, None)
    assert list(Level.objects.order_by("pk").values_list("name", "category")) == [
        (f"{COMPOSED} (a)", COMPOSED),
        (COMPOSED, second.category),
    ]
