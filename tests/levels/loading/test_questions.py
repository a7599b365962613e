"""Files of questions: what `load_catalogue` makes of them, and what it refuses."""

import json

import pytest
from django.core.management import CommandError, call_command

from levels.loading.load import load_catalogue
from levels.models import Question
from tests.factories import LevelFactory

pytestmark = pytest.mark.django_db

ROW = {"question_id": "q-1", "kind": "true_false", "prompt": "Is it?", "answer": True}
NUMBER = {"question_id": "q-2", "kind": "number", "prompt": "How many?", "answer": 3, "accept": {"tolerance": 1}}
LEVEL = {"level_id": "new", "name": "New", "category": "c", "kind": "mode", "difficulty": "easy", "xp_reward": 1}


@pytest.fixture
def file(tmp_path):
    def file(*rows, name="mine.json", **document):
        path = tmp_path / name
        path.write_text(json.dumps({"level_id": "quiz", "questions": rows, **document}))
        return path

    return file


@pytest.fixture
def level(db):
    return LevelFactory(level_id="quiz")


def verdicts(outcomes):
    return [(outcome.kind, outcome.key, outcome.verdict) for outcome in outcomes]


def test_questions_are_created_in_the_order_of_the_file_and_then_left_alone(file, level):
    assert verdicts(load_catalogue([file(ROW, NUMBER)])) == [
        ("question", "q-1", "created"),
        ("question", "q-2", "created"),
    ]
    assert [(q.question_id, q.position, q.accept) for q in level.questions.all()] == [
        ("q-1", 0, []),
        ("q-2", 1, {"tolerance": 1}),
    ]
    written = list(Question.objects.values("pk", "updated_at"))
    assert {verdict for *_, verdict in verdicts(load_catalogue([file(ROW, NUMBER)]))} == {"unchanged"}
    assert list(Question.objects.values("pk", "updated_at")) == written
    assert Question.history.count() == 2


def test_the_file_wins_over_what_staff_edited_and_says_what_changed(file, level):
    load_catalogue([file(ROW, NUMBER)])
    Question.objects.filter(question_id="q-1").update(answer=False, hint="Edited")
    outcomes = load_catalogue([file(NUMBER, ROW)])
    assert [(outcome.key, outcome.changes) for outcome in outcomes] == [
        ("q-2", ["position"]),
        ("q-1", ["position", "answer", "hint"]),
    ]
    assert Question.objects.get(question_id="q-1").answer is True


def test_a_question_that_is_no_longer_in_the_file_stays_and_can_be_unpublished_there(file, level):
    load_catalogue([file(ROW, NUMBER)])
    load_catalogue([file(ROW | {"published": False})])
    assert list(Question.objects.published().values_list("question_id", flat=True)) == ["q-2"]


def test_a_level_and_its_questions_can_be_loaded_together_in_any_order(file, tmp_path):
    catalogue = tmp_path / "levels.json"
    catalogue.write_text(json.dumps({"levels": [LEVEL | {"questions_per_play": 1, "verified_only": True}]}))
    call_command("load_catalogue", file(ROW, level_id="new"), catalogue, verbosity=0)
    question = Question.objects.get()
    assert (question.level.level_id, question.level.questions_per_play) == ("new", 1)
    assert question.level.verified_only


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "yes"}, "mine.json: q-1: answer: Give true or false."),
        ({"accept": {"tolerance": 1}}, "mine.json: q-1: accept: This kind of question has none."),
        ({"kind": "essay"}, "mine.json: q-1: kind: "),
        ({"prompt": 5}, "mine.json: q-1: prompt: 5 has the wrong type."),
        ({"choices": "a"}, 'mine.json: q-1: choices: "a" has the wrong type.'),
        ({"hints": "a"}, "mine.json: q-1: hints: unknown field."),
        ({"question_id": "q 1"}, "mine.json: q 1: question_id: "),
        ({"question_id": "q-2"}, "mine.json: q-2: question_id: “q-2” is used twice"),
        (
            {"prompt": "```morse\nSOS!\n```"},
            "mine.json: q-1: prompt: Figure “morse”: Give A to Z, 0 to 9 and spaces, not",
        ),
        ({"explanation": "a\0"}, "mine.json: q-1: explanation: Text must not contain NUL"),
    ],
)
def test_a_wrong_question_is_refused_with_file_question_and_reason(file, level, change, message):
    with pytest.raises(CommandError) as refused:
        call_command("load_catalogue", file(ROW | change, NUMBER))
    assert str(refused.value).startswith(message)
    assert not Question.objects.exists()


def test_questions_of_an_unknown_or_another_level_are_refused(file, level):
    with pytest.raises(CommandError, match=r"mine\.json: level_id: there is no level “absent”"):
        call_command("load_catalogue", file(ROW, level_id="absent"))
    load_catalogue([file(ROW)])
    LevelFactory(level_id="other")
    with pytest.raises(CommandError, match=r"mine\.json: q-1: it belongs to level “quiz”"):
        call_command("load_catalogue", file(ROW, level_id="other"))


@pytest.mark.parametrize("document", [{"level_id": None}, {"level_id": ["quiz"]}, {"questions": {}}, {"more": 1}])
def test_a_file_of_another_shape_is_refused(file, level, document):
    with pytest.raises(CommandError, match=r"mine\.json: "):
        call_command("load_catalogue", file(**document))


def test_loading_takes_as_many_statements_for_many_questions_as_for_one(file, level, django_assert_num_queries):
    def rows(name, count):
        return [ROW | {"question_id": f"{name}-{number}"} for number in range(count)]

    load_catalogue([file(ROW)])
    with django_assert_num_queries(9) as few:
        load_catalogue([file(*rows("a", 1))])
    with django_assert_num_queries(len(few)):
        load_catalogue([file(*rows("b", 40))])
