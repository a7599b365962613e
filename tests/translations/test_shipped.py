"""All that ships is there in each language."""

from collections import defaultdict

import pytest
from django.conf import settings

from catalogues.missing_translations import identifier_of
from gamification.earnables import shipped_files as shipped_earnables
from gamification.earnables.catalogue_files import read_catalogue_file as read_earnables
from gamification.models import Earnable
from levels.loading.files import read_catalogue_file
from levels.loading.load import shipped_files
from levels.loading.questions import holds_questions, read_question_file

QUESTIONS = [path for path in shipped_files() if holds_questions(path)]
LEVELS = [path for path in shipped_files() if path not in QUESTIONS]


def levels_of(path):
    file = read_catalogue_file(path)
    return [*file.sections, *(unit for unit, _ in file.units), *file.levels]


def earnables_of(path):
    return [row for row in read_earnables(path).rows if isinstance(row, Earnable)]


def questions_of(path):
    return read_question_file(path).questions


def missing_in(rows):
    languages = [code for code, _name in settings.LANGUAGES]
    lacking = {(identifier_of(row), language): row.missing_texts(language) for row in rows for language in languages}
    return {where: names for where, names in lacking.items() if names}


@pytest.mark.parametrize(
    ("read", "files"),
    [(levels_of, LEVELS), (earnables_of, shipped_earnables()), (questions_of, QUESTIONS)],
    ids=["levels", "earnables", "questions"],
)
def test_no_shipped_row_lacks_a_text_in_any_language(read, files):
    rows = [row for path in files for row in read(path)]
    assert rows
    assert missing_in(rows) == {}


def test_a_skill_has_one_name_in_each_language():
    names = defaultdict(set)
    for path in QUESTIONS:
        for question in questions_of(path):
            names[question.language, question.skill] |= {texts.get("skill") for texts in question.translations.values()}
    for path in LEVELS:
        for level in read_catalogue_file(path).levels:
            for texts in level.translations.values():
                for own, translated in zip(level.skills, texts.get("skills", []), strict=False):
                    names[level.language, own].add(translated)
    assert {skill: found for skill, found in names.items() if len(found) > 1} == {}


def test_every_level_that_is_played_here_has_questions():
    with_questions = {read_question_file(path).level for path in QUESTIONS}
    levels = [level for path in LEVELS for level in read_catalogue_file(path).levels if level.kind != "mode"]
    assert [level.level_id for level in levels if level.level_id not in with_questions] == []
