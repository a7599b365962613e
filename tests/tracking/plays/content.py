"""Questions of the tests: one of each kind, with the answers that clients send."""

from typing import Any

import factory

from levels.questions.presenting import id_of


class QuestionFactory(factory.django.DjangoModelFactory):
    """A question that is answered with true."""

    class Meta:
        model = "levels.Question"

    question_id = factory.Sequence(lambda number: f"question-{number}")
    position = factory.Sequence(lambda number: number)
    kind = "true_false"
    prompt = "Is it *so*?"
    answer = True
    explanation = "It **is**."
    skill = "Truth"


# kind -> (fields, a right answer, a wrong one); texts of choices stand for their ids.
KINDS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "true_false": ({"answer": True}, True, False),
    "single_choice": ({"choices": ["red", "blue"], "answer": "red"}, "red", "blue"),
    "multiple_choice": ({"choices": ["a", "b", "c"], "answer": ["a", "b"]}, ["b", "a"], ["a"]),
    "ordering": ({"answer": ["one", "two", "three"]}, ["one", "two", "three"], ["two", "one", "three"]),
    "matching": (
        {"answer": [["cat", "meow"], ["dog", "woof"], ["cow", "moo"]], "choices": ["quack"]},
        {"cat": "meow", "dog": "woof", "cow": "moo"},
        {"cat": "quack", "dog": "woof", "cow": "moo"},
    ),
    "short_text": ({"answer": "Hash", "accept": ["digest"]}, "  HASH ", "salt"),
    "number": ({"answer": 3.5, "accept": {"tolerance": 0.5}}, "3,5", 5),
}


def on_the_wire(question, answer):
    """The answer with ids in place of texts of choices."""
    if question.kind in {"true_false", "short_text", "number"}:
        return answer
    if isinstance(answer, list):
        return [id_of(question, text) for text in answer]
    if isinstance(answer, dict):
        return {id_of(question, left): id_of(question, right) for left, right in answer.items()}
    return id_of(question, answer)
