"""Lists, and the metadata that the product knows, are fields of the form of a level; identifiers are suggested."""

import json

import pytest
from django.contrib.auth.models import Permission

from gamification.models import Achievement
from levels.models import Level, Question, Section
from tests.factories import LevelFactory, StaffFactory, UserFactory

from .test_admin import ADD, change_url, form
from .test_translations_admin import edit, saved

pytestmark = pytest.mark.django_db

METADATA = {"eyebrow": "Monday, 9:00", "intro": "Listen!\n\nThen act.", "min_seconds": 5, "app": {"skin": "dark"}}
COUNTS = {"min_correct": 3, "total_questions": 5}


@pytest.fixture(autouse=True)
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return person


def test_lists_and_known_metadata_are_written_without_json(client):
    texts = {"skills": "Codes\r\n\r\n Morse \r\n", "tags": "basics", "eyebrow": "9:00", "intro": "A\r\nB"}
    answer = client.post(
        ADD, form(**texts, min_seconds="5", min_correct="0", total_questions="", metadata='{"x": [1]}')
    )
    assert answer.status_code == 302, answer.context["errors"]
    level = Level.objects.get()
    assert (level.skills, level.tags) == (["Codes", "Morse"], ["basics"])
    assert level.metadata == {"x": [1], "eyebrow": "9:00", "intro": "A\nB", "min_seconds": 5, "min_correct": 0}


def test_the_page_shows_what_has_a_field_there_and_the_rest_as_json(client):
    level = LevelFactory(skills=["Codes", "Morse"], metadata={**METADATA, **COUNTS})
    shown = client.get(change_url(level)).context["adminform"].form
    assert {name: shown[name].value() for name in (*COUNTS, "eyebrow", "intro", "min_seconds", "skills")} == {
        **COUNTS,
        **{name: METADATA[name] for name in ("eyebrow", "intro", "min_seconds")},
        "skills": "Codes\nMorse",
    }
    assert json.loads(shown["metadata"].value()) == {"app": {"skin": "dark"}}


@pytest.mark.parametrize("metadata", [{}, {**METADATA, **COUNTS}, {"intro": "  kept \n", "eyebrow": ["a", "list"]}])
def test_saving_what_the_page_shows_changes_no_metadata(client, metadata):
    level = LevelFactory(metadata=metadata, skills=["Codes"])
    assert saved(level, edit(client, level)).metadata == metadata
    assert level.history.count() == 1


def test_a_field_is_emptied_and_the_change_is_one_of_the_metadata(client):
    level = LevelFactory(metadata=METADATA)
    assert saved(level, edit(client, level, intro="")).metadata.keys() == METADATA.keys() - {"intro"}
    assert level.history.first().changes.keys() == {"metadata"}


def test_what_is_wrong_in_one_field_leaves_the_others_as_they_were_typed(client):
    level = LevelFactory(metadata=METADATA)
    answer = edit(client, level, min_seconds="soon", intro="New")
    assert answer.context["adminform"].form.errors.keys() == {"min_seconds"}
    assert answer.context["adminform"].form["intro"].value() == "New"
    level.refresh_from_db()
    assert level.metadata == METADATA


def test_who_may_only_look_sees_the_same_values(client):
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_level"))
    client.force_login(viewer)
    page = client.get(change_url(LevelFactory(metadata={**METADATA, **COUNTS}))).content.decode()
    assert [text in page for text in ("Monday, 9:00", "Listen!", "Fewest seconds")] == [True] * 3


def suggestions(client, url):
    fields = client.get(url).context["adminform"].prepopulated_fields
    return {each["field"].name: [one.name for one in each["dependencies"]] for each in fields}


def test_identifiers_are_suggested_for_new_rows_and_never_for_others(client):
    assert suggestions(client, ADD) == {"level_id": ["name"]}
    assert suggestions(client, "/admin/levels/section/add/") == {"section_id": ["title"]}
    assert suggestions(client, "/admin/levels/unit/add/") == {"unit_id": ["title"]}
    assert suggestions(client, "/admin/gamification/achievement/add/") == {"achievement_id": ["name"]}
    assert suggestions(client, change_url(LevelFactory())) == {}
    section = Section.objects.create(section_id="s", title="S")
    assert suggestions(client, f"/admin/levels/section/{section.pk}/change/") == {}
    assert not Achievement.objects.exists()


@pytest.mark.parametrize(
    ("query", "suggested"),
    [
        ("level={pk}&position=2", "maze-q3"),
        ("level={pk}", None),
        ("level=x&position=2", None),
        ("level=99999999999999999999&position=2", None),
    ],
)
def test_the_id_of_a_question_follows_from_its_level_and_place(client, query, suggested):
    level = LevelFactory(level_id="maze")
    page = client.get(f"/admin/levels/question/add/?{query.format(pk=level.pk)}")
    assert page.context["adminform"].form["question_id"].value() == suggested
    assert not Question.objects.exists()
