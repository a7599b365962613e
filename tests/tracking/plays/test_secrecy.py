"""What is right leaves the server only with the verdict on an answer."""

import json
import logging

import pytest

from levels.questions.presenting import correct_answer
from tests.tracking.plays.conftest import Player
from tests.tracking.plays.content import KINDS, QuestionFactory

pytestmark = pytest.mark.django_db

SECRET = "Xylophone"
READABLE = ["levels/level-3", "levels", "sessions/progress", "levels/progress", "attempts", "schema"]


@pytest.fixture
def secret(level):
    explanation, accept = f"It was {SECRET}.", [f"a {SECRET}"]
    return QuestionFactory(level=level, kind="short_text", answer=SECRET, accept=accept, explanation=explanation)


def test_no_answer_and_no_line_of_the_log_tells_it_before(secret, learner_api, staff_api, caplog):
    caplog.set_level(logging.DEBUG)
    player = Player(learner_api)
    told = [player.start(), player.start(), player.answer(secret.question_id, {}), player.answer("other", "x")]
    told += [learner_api.get(f"/api/v1/{path}") for path in READABLE]
    told += [staff_api.get(f"/api/v1/{path}") for path in READABLE]
    assert not [answer.content for answer in told if SECRET.casefold() in answer.content.decode().casefold()]
    assert SECRET.casefold() not in caplog.text.casefold()
    assert SECRET in player.answer(secret.question_id, "wrong").content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_is_shown_with_what_is_on_the_wire_and_nothing_else(level, learner_api, kind):
    question = QuestionFactory(level=level, kind=kind, **KINDS[kind][0])
    (shown,) = Player(learner_api).start().json()["questions"]
    fields = {"question_id", "kind", "prompt_html", "prompt_text", "choices", "has_hint"}
    assert set(shown) == {*fields, "matches"}
    assert all(set(choice) == {"id", "text", "html"} for choice in [*shown["choices"], *shown["matches"]])
    if kind not in {"true_false", "single_choice"}:  # whose answers are one of what is shown
        assert json.dumps(correct_answer(question)) not in json.dumps(shown)


def test_the_order_of_choices_follows_from_the_play(level, learner_api, sign_in, learner):
    texts = ["one", "two", "three", "four", "five"]
    QuestionFactory(level=level, kind="ordering", answer=texts)
    orders = set()
    for _ in range(8):
        player = Player(learner_api)
        (shown,) = player.start().json()["questions"]
        assert Player(sign_in(learner)).start().json()["questions"] == [shown]
        orders.add(tuple(choice["text"] for choice in shown["choices"]))
        player.finish()
    assert len(orders) > 1
