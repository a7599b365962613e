"""Editing translations in the admin: a fieldset for each other language, a field for each text."""

import pytest
from django.urls import reverse

from gamification.models import Achievement
from levels.models import Question, Section
from tests.factories import LevelFactory, StaffFactory
from tests.gamification.earnables.factories import AchievementFactory
from tests.levels.questions.examples import MATCHING, SHORT_TEXT, SINGLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


def url_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def edit(client, row, **fields):
    """Post what the page shows, with these fields changed."""
    page = client.get(url_of(row)).context
    form = page["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in values.items() if value is not None and value is not False}
    for formset in page["inline_admin_formsets"]:
        data |= {f"{formset.formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return client.post(url_of(row), data | fields)


def errors_of(answer):
    return answer.context["adminform"].form.errors


def saved(row, answer):
    assert answer.status_code == 302, errors_of(answer)
    row.refresh_from_db()
    return row


def test_the_texts_of_a_level_are_edited_in_fields_and_lists_in_lines(staff):
    level = LevelFactory(name="Morse code", skills=["Codes", "Morse"], metadata={"intro": "Listen!"})
    texts = {"name": "Sandi Morse", "skills": "Sandi\r\nMorse", "intro": "Dengarkan!"}
    answer = edit(staff, level, **{f"translated_id_{name}": text for name, text in texts.items()})
    assert saved(level, answer).translations == {
        "id": {"name": "Sandi Morse", "skills": ["Sandi", "Morse"], "intro": "Dengarkan!"}
    }
    assert level.history.first().changes.keys() == {"translations"}
    shown = staff.get(url_of(level)).content.decode()
    assert "In Bahasa Indonesia" in shown
    assert "In English" not in shown
    assert saved(level, edit(staff, level, translated_id_name="")).translations["id"].keys() == {"skills", "intro"}


def test_saving_what_the_page_shows_changes_nothing(staff):
    level = LevelFactory(skills=["Codes"], translations={"id": {"name": "Sandi", "skills": ["Kode"]}})
    saved(level, edit(staff, level))
    assert level.translations == {"id": {"name": "Sandi", "skills": ["Kode"]}}
    assert level.history.count() == 1


@pytest.mark.parametrize("words", ["semaphore", "BENDÉRA", "kafé"])
def test_a_level_is_found_by_words_of_any_language(staff, words):
    LevelFactory(name="Semaphore", translations={"id": {"name": "Bendéra", "description": "Di kafé"}})
    LevelFactory(name="Knots")
    page = staff.get(reverse("admin:levels_level_changelist"), {"q": words})
    assert [level.name for level in page.context["cl"].queryset] == ["Semaphore"]


def test_a_problem_is_shown_at_the_text_that_has_it(staff):
    level = LevelFactory(skills=["Codes", "Morse"])
    answer = edit(staff, level, translated_id_skills="Sandi")
    assert errors_of(answer) == {"translated_id_skills": ["Give as many entries as in the row's own language: 2."]}
    answer = edit(staff, level, language="id", translated_id_name="Sandi")
    assert errors_of(answer) == {"__all__": ["id: the row's own texts are in this language."]}


def test_a_section_in_indonesian_has_a_fieldset_for_english(staff):
    section = Section.objects.create(section_id="s", title="Sandi", language="id")
    assert saved(section, edit(staff, section, translated_en_title="Codes")).translations == {"en": {"title": "Codes"}}


def test_an_achievement_has_its_texts_too(staff):
    achievement = AchievementFactory(name="A start")
    saved(achievement, edit(staff, achievement, translated_id_name="Awal"))
    assert Achievement.objects.get().translations == {"id": {"name": "Awal"}}


@pytest.mark.parametrize(
    ("fields", "lines", "texts"),
    [
        (SINGLE, "Roma\nOslo\nParis", {"choices": ["Roma", "Oslo", "Paris"]}),
        (SHORT_TEXT, "Kopi susu\nKopi", {"answer": "Kopi susu", "accept": ["Kopi"]}),
        (
            MATCHING,
            "kucing :: mengeong\nanjing :: menggonggong\nserigala :: melolong\n:: bernyanyi",
            {
                "answer": [["kucing", "mengeong"], ["anjing", "menggonggong"], ["serigala", "melolong"]],
                "choices": ["bernyanyi"],
            },
        ),
    ],
    ids=["single", "short text", "matching"],
)
def test_choices_and_answer_of_a_question_are_translated_in_lines(staff, fields, lines, texts):
    question = Question.objects.create(question_id="q", level=LevelFactory(), prompt="Where?", **fields)
    answer = edit(staff, question, translated_id_prompt="Di mana?", translated_id_answer_lines=lines)
    assert saved(question, answer).translations == {"id": {"prompt": "Di mana?", **texts}}
    shown = staff.get(url_of(question)).context["adminform"].form.initial
    assert shown["translated_id_answer_lines"] == lines


def test_a_translation_that_cannot_be_asked_is_refused_at_its_lines(staff):
    question = Question.objects.create(question_id="q", level=LevelFactory(), prompt="Where?", **SINGLE)
    answer = edit(staff, question, translated_id_answer_lines="Roma\nOslo")
    message = "Give as many entries as in the row's own language: 3."
    assert errors_of(answer) == {"translated_id_answer_lines": [message]}
    answer = edit(staff, question, kind="number", answer_lines="5", translated_id_answer_lines="lima")
    assert errors_of(answer) == {"translated_id_answer_lines": ["This kind of question has none."]}
