"""Levels, sections and units in several languages."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from levels.models import Level, Section
from tests.factories import LevelFactory

OWN = {"language": "id", "name": "Sandi Morse", "description": "Titik dan garis", "skills": ["Sandi", "Morse"]}
ENGLISH = {"name": "Morse Code", "skills": ["Ciphers", "Morse code"]}


def level(**fields):
    return Level(
        **{"level_id": "morse", "category": "sandi", "unit": "morse", **OWN, "translations": {"en": ENGLISH}, **fields}
    )


def shown(row, *names, language):
    with override(language):
        return [row.translated(name) for name in names]


def problem_of(row):
    with pytest.raises(ValidationError) as caught:
        row.clean()
    (message,) = caught.value.message_dict["translations"]
    return message


def test_a_text_is_shown_in_the_active_language():
    assert shown(level(), "name", "skills", language="en") == ["Morse Code", ["Ciphers", "Morse code"]]
    assert shown(level(), "name", "skills", language="id") == ["Sandi Morse", ["Sandi", "Morse"]]


def test_without_a_translation_the_own_text_is_shown():
    assert shown(level(), "description", language="en") == ["Titik dan garis"]
    assert shown(level(), "name", language="fr") == ["Sandi Morse"]
    with override(None):
        assert level().translated("name") == "Sandi Morse"


@pytest.mark.parametrize("translations", [None, [], {"en": None}, {"en": {"name": 5, "skills": ["one"]}}])
def test_what_a_database_console_stored_is_no_error(translations):
    assert shown(level(translations=translations), "name", "skills", language="en") == [OWN["name"], OWN["skills"]]


def test_texts_of_the_metadata_are_translated():
    row = level(metadata={"intro": "Dengarkan!"}, translations={"en": {"intro": "Listen!"}})
    row.clean()
    assert shown(row, "intro", "eyebrow", language="en") == ["Listen!", ""]


@pytest.mark.parametrize(
    ("translations", "message"),
    [
        ([1], "Give an object of languages."),
        ({"fr": {}}, "fr: not one of en, id."),
        ({"id": {}}, "id: the row's own texts are in this language."),
        ({"en": []}, "en: Give an object of texts."),
        ({"en": {"level_id": "x"}}, "en: level_id: There is no such text to translate."),
        ({"en": {"estimated_time": "5 minutes"}}, "en: estimated_time: It has no text in the row's own language."),
        ({"en": {"name": ["x"]}}, "en: name: Give a text."),
        ({"en": {"name": ""}}, "en: name: It is empty. Leave it out instead."),
        ({"en": {"name": "7"}}, "en: name: Must not consist of digits only."),
        ({"en": {"name": "x" * 201}}, "en: name: Ensure this value has at most 200 characters (it has 201)."),
        ({"en": {"description": "x" * 5001}}, "en: description: Longer than 5000 characters."),
        ({"en": {"skills": "Ciphers"}}, "en: skills: Give a list."),
        ({"en": {"skills": ["One"]}}, "en: skills: Give as many entries as in the row's own language: 2."),
        ({"en": {"skills": ["One", "One"]}}, "en: skills: An entry is given twice."),
        ({"en": {"name": "\0"}}, "Text must not contain NUL characters or lone surrogates."),
    ],
)
def test_translations_are_refused_with_the_language_and_the_field(translations, message):
    assert problem_of(level(translations=translations)) == message


def test_it_says_which_texts_are_missing_in_which_language():
    complete, partial = level(description=""), level()
    assert (complete.missing_texts("en"), complete.missing_texts("id")) == ([], [])
    assert partial.missing_texts("en") == ["description"]
    assert Section(section_id="s", title="Codes").missing_texts("id") == ["title"]
    assert Level(name="Fizz", category="Coding").missing_texts("id") == ["name", "category"]


@pytest.mark.django_db
def test_translations_are_stored_in_normal_form_and_in_the_history():
    row = LevelFactory()
    row.translations = {"id": {"name": "Kafe\u0301"}}
    row.full_clean()
    row.save()
    row.refresh_from_db()
    assert row.translations == {"id": {"name": "Kaf\u00e9"}}
    assert row.history.first().changes["translations"] == [{}, {"id": {"name": "Kaf\u00e9"}}]
