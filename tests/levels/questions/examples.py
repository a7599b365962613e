"""One question of each kind, unsaved."""

from levels.models import Question

TRUE_FALSE = {"kind": "true_false", "answer": True}
SINGLE = {"kind": "single_choice", "choices": ["Rome", "Oslo", "*Paris*"], "answer": "*Paris*"}
MULTIPLE = {"kind": "multiple_choice", "choices": ["2", "3", "4"], "answer": ["3", "2"]}
ORDERING = {"kind": "ordering", "answer": ["first", "second", "third"]}
MATCHING = {
    "kind": "matching",
    "answer": [["cat", "meows"], ["dog", "barks"], ["wolf", "howls"]],
    "choices": ["sings"],
}
SHORT_TEXT = {"kind": "short_text", "answer": "Café au lait", "accept": ["milk coffee"]}
NUMBER = {"kind": "number", "answer": 3.5, "accept": {"tolerance": 0.25}}
EVERY_KIND = [TRUE_FALSE, SINGLE, MULTIPLE, ORDERING, MATCHING, SHORT_TEXT, NUMBER]


def question(fields, **others):
    return Question(**{"question_id": "example", "prompt": "What is *right*?", **fields, **others})


def ids_of(presented, name="choices"):
    """The id by the text."""
    return {choice["text"]: choice["id"] for choice in presented[name]}
