import json

import pytest
from django.core.management import CommandError, call_command

from levels.loading.load import SHIPPED, shipped_files
from levels.loading.questions import holds_questions, read_question_file
from levels.models import Level, Question
from levels.questions.report import duplicates, report_on
from tests.factories import LevelFactory
from tests.gamification.earnables.factories import AchievementFactory

from .examples import NUMBER, TRUE_FALSE

FILES = {path.stem: path for path in shipped_files() if holds_questions(path)}


def shipped_levels(name):
    return json.loads((SHIPPED / name).read_text())["levels"]


def shipped_level(level_id):
    rows = [row for name in ("cyber.json", "coding.json", "scouting.json") for row in shipped_levels(name)]
    row = next(row for row in rows if row["level_id"] == level_id)
    return Level(**{name: value for name, value in row.items() if name != "prerequisites"})


@pytest.mark.parametrize("level_id", FILES)
def test_guessing_through_a_shipped_level_hardly_ever_passes(level_id):
    file = read_question_file(FILES[level_id])
    assert file.level == level_id
    assert report_on(shipped_level(level_id), file.questions).chance < 0.05


def test_no_two_shipped_questions_are_the_same():
    files = [read_question_file(path) for path in FILES.values()]
    questions = [question for file in files for question in file.questions]
    assert [duplicates(questions, language) for language in ("en", "id")] == [[], []]
    assert len({question.question_id for question in questions}) == len(questions)


@pytest.mark.parametrize("row", shipped_levels("coding.json"), ids=lambda row: row["level_id"])
def test_a_coding_challenge_has_at_least_12_questions(row):
    assert len(read_question_file(FILES[row["level_id"]]).questions) >= 12


CYBER = [row for row in shipped_levels("cyber.json") if row["kind"] == "simulation"]


@pytest.mark.parametrize("row", CYBER, ids=lambda row: row["level_id"])
def test_a_cyber_level_draws_10_of_at_least_24_questions(row):
    assert len(read_question_file(FILES[row["level_id"]]).questions) >= 24
    assert row["questions_per_play"] == 10


TRANSLATED = {"unit": "u", "translations": {"id": {"name": "Kuis"}}}


def add(level, question_id, **fields):
    fields = {"prompt": question_id, "translations": {"id": {"prompt": f"id {question_id}"}}, **fields}
    return Question.objects.create(level=level, question_id=question_id, **fields)


@pytest.fixture
def level(db):
    level = LevelFactory(level_id="quiz", category="quizzes", questions_per_play=2, pass_percent=100, **TRANSLATED)
    add(level, "typed", **NUMBER)
    add(level, "also-typed", **NUMBER)
    add(level, "hidden", **TRUE_FALSE, published=False)
    return level


def report(capsys):
    try:
        call_command("content_report", no_color=True)
    except CommandError as error:
        return capsys.readouterr().out.splitlines(), str(error)
    return capsys.readouterr().out.splitlines(), None


def test_the_report_counts_published_questions_and_names_levels_without(level, capsys):
    LevelFactory(level_id="empty", category="quizzes", **TRANSLATED)
    LevelFactory(level_id="mode", kind="mode", **TRANSLATED)
    LevelFactory(level_id="draft", published=False)
    lines, problem = report(capsys)
    assert sorted(lines) == [
        "Levels: 2, without content: 1: empty",
        "No problems.",
        "quiz: 2 questions (2 number), 2 in a play, 0.00% of guessers pass",
        "quizzes: 2 questions in en, 2 questions in id",
    ]
    assert problem is None


def test_the_report_fails_where_guessers_pass_too_often(level, capsys):
    for number in range(2):
        add(level, f"coin-{number}", **TRUE_FALSE)
    line, *_ = report(capsys)[0]
    # One of six draws asks both, and a quarter of the guesses at both are right: 1/24.
    assert line == "quiz: 4 questions (2 number, 2 true_false), 2 in a play, 4.17% of guessers pass"
    add(level, "coin-2", **TRUE_FALSE)
    assert report(capsys)[1] == "quiz: guessers pass too often, 5% or more."


def test_the_report_fails_where_two_questions_have_the_same_prompt(level, capsys):
    other = LevelFactory(**TRANSLATED)
    add(other, "again", **NUMBER | {"prompt": "  *TYPED*"})
    add(other, "twice", **NUMBER | {"translations": {"id": {"prompt": "ID typed"}}})
    assert report(capsys)[1].splitlines() == [
        "The same prompt in “en”: typed, again.",
        "The same prompt in “id”: typed, twice.",
    ]


def test_the_report_fails_where_a_published_row_lacks_texts_in_a_language(level, capsys):
    add(level, "bare", **NUMBER | {"translations": {}, "hint": "Count"})
    add(LevelFactory(published=False), "not shown", **NUMBER | {"translations": {}})
    AchievementFactory(achievement_id="start", description="Begin", translations={"id": {"name": "Awal"}})
    lines, problem = report(capsys)
    assert "quizzes: 3 questions in en, 2 questions in id" in lines
    assert problem.splitlines() == [
        "1 achievements without all texts in “id”: start (description).",
        "1 questions without all texts in “id”: bare (prompt, hint).",
    ]
