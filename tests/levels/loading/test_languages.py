"""The language of catalogue files, and the translations of their rows."""

import json

import pytest

from catalogues.files import CatalogueError
from gamification.earnables.catalogue import load_catalogue as load_earnables
from gamification.models import Achievement, Badge
from levels.loading.load import load_catalogue
from levels.models import Level, Question, Section, Unit

pytestmark = pytest.mark.django_db

LEVEL = {"level_id": "sandi-1", "name": "Sandi 1", "category": "sandi", "unit": "u", "kind": "training"}
LEVEL |= {"difficulty": "easy", "xp_reward": 1, "translations": {"en": {"name": "Codes 1"}}}
UNIT = {"unit_id": "u", "title": "Morse", "order": 1, "translations": {"en": {"title": "Morse code"}}}
SECTION = {"section_id": "sandi", "title": "Sandi", "order": 1, "translations": {"en": {"title": "Codes"}}}
LEVELS = {"language": "id", "sections": [{**SECTION, "units": [UNIT]}], "levels": [LEVEL]}
QUESTION = {"question_id": "q-1", "kind": "true_false", "prompt": "Benar?", "answer": True}
QUESTIONS = {"level_id": "sandi-1", "language": "id"}
QUESTIONS |= {"questions": [{**QUESTION, "translations": {"en": {"prompt": "Is it true?"}}}]}
CONDITION = {"type": "xp", "threshold": 1}
ACHIEVEMENT = {"achievement_id": "a", "name": "Awal", "category": "c", "condition": CONDITION}
EARNABLES = {"language": "id", "achievements": [{**ACHIEVEMENT, "translations": {"en": {"name": "A start"}}}]}
EARNABLES |= {"badges": [{"name": "Lencana", "condition": CONDITION, "translations": {"en": {"name": "A badge"}}}]}


@pytest.fixture
def file(tmp_path):
    def file(document, name="mine.json"):
        path = tmp_path / name
        path.write_text(json.dumps(document))
        return path

    return file


def test_the_language_of_a_file_is_that_of_its_rows(file):
    files = [file(LEVELS, "levels.json"), file(QUESTIONS, "questions.json")]
    load_catalogue(files)
    for model, texts in {
        Section: {"title": "Codes"},
        Unit: {"title": "Morse code"},
        Level: {"name": "Codes 1"},
        Question: {"prompt": "Is it true?"},
    }.items():
        assert list(model.objects.values_list("language", "translations")) == [("id", {"en": texts})]
    assert {outcome.verdict for outcome in load_catalogue(files)} == {"unchanged"}


def test_achievements_and_badges_have_translations_too(file):
    path = file(EARNABLES)
    load_earnables([path])
    for model, name in {Achievement: "A start", Badge: "A badge"}.items():
        assert list(model.objects.values_list("language", "translations")) == [("id", {"en": {"name": name}})]
    assert {outcome.verdict for outcome in load_earnables([path])} == {"unchanged"}


def test_without_a_language_the_texts_are_english_and_a_row_may_have_its_own(file):
    rows = [QUESTION, {**QUESTION, "question_id": "q-2", "language": "id"}]
    load_catalogue([file({"levels": [{**LEVEL, "translations": {}}]}, "levels.json")])
    load_catalogue([file({"level_id": "sandi-1", "questions": rows})])
    assert list(Question.objects.values_list("language", flat=True)) == ["en", "id"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({**LEVELS, "language": 1}, "mine.json: language: a text is needed."),
        ({**LEVELS, "language": "fr"}, "mine.json: sandi: language: Value 'fr' is not a valid choice."),
        (
            {**LEVELS, "language": "en"},
            "mine.json: sandi: translations: en: the row's own texts are in this language.",
        ),
        ({"levels": [{**LEVEL, "translations": []}]}, "mine.json: sandi-1: translations: [] has the wrong type."),
    ],
)
def test_a_wrong_language_or_translation_is_refused_with_file_and_row(file, document, message):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue([file(document)])
    assert str(caught.value) == message


def test_a_file_with_a_language_alone_is_no_catalogue(file):
    with pytest.raises(CatalogueError, match="neither achievements nor badges nor metrics"):
        load_earnables([file({"language": "id"})])
