"""Rows whose texts stand between the marks too."""

from tests.factories import LevelFactory, QuestionFactory
from tests.levels.questions.examples import EVERY_KIND

from .marks import mark


def make_level(level_id, **fields):
    texts = {"name": mark(level_id), "description": mark("d"), "category": mark("c"), "estimated_time": mark("t")}
    texts |= {"skills": [mark("s")], "eyebrow": mark("e")} if "eyebrow" in fields else {"skills": [mark("s")]}
    return LevelFactory(level_id=level_id, **texts | fields)


def make_quiz():
    """A level with one question of each kind, of which four have to be right."""
    quiz = make_level("quiz", xp_rule="proportional", xp_reward=70, max_score=700, expected_time_seconds=60)
    for number, fields in enumerate(EVERY_KIND):
        texts = {"prompt": mark("prompt"), "explanation": mark("because"), "hint": mark("hint"), "skill": mark("skill")}
        kind = fields["kind"]
        QuestionFactory(level=quiz, position=number, question_id=f"q-{kind}", **texts | marked(fields))
    return quiz


def marked(fields):
    """The same question with marks around its choices and its answer."""
    if fields["kind"] in ("true_false", "number"):
        return fields
    return {name: value if name == "kind" else marked_texts(value) for name, value in fields.items()}


def marked_texts(value):
    return mark(value) if isinstance(value, str) else [marked_texts(each) for each in value]
