"""No page says what is right before the question was answered."""

import pytest

from tests.factories import LevelFactory, QuestionFactory
from tracking.models import Play

from .answering import PagePlayer

pytestmark = pytest.mark.django_db

# What only the answer, what it accepts and the explanation contain.
SECRETS = ["xanadu", "xylophone", "8675309", "xenolith", "xerox"]


@pytest.fixture
def level():
    level = LevelFactory(level_id="secrets", name="Secrets")
    shared = {"level": level, "explanation": "It is xanadu.", "hint": "Look at xerox."}
    QuestionFactory(kind="short_text", prompt="Where?", answer="xylophone", accept=["xenolith"], **shared)
    QuestionFactory(kind="number", prompt="How many?", answer=8675309, **shared)
    QuestionFactory(prompt="Is it?", answer=True, **shared)
    return level


def secrets_in(response):
    return [secret for secret in SECRETS if secret in response.content.decode()]


def test_pages_of_an_unanswered_play_contain_no_answer(learner_page, level):
    player = PagePlayer(learner_page, "secrets")
    assert secrets_in(player.look()) == []
    assert secrets_in(player.begin()) == []
    assert secrets_in(learner_page.get("/levels/secrets")) == []
    row = Play.objects.get().questions.get(question__kind="number")
    assert secrets_in(player.answer(row, answer="")) == [], "refused, it stays unanswered"
    assert secrets_in(player.answer(row, answer="1")) == ["xanadu", "8675309"]
    assert secrets_in(player.look()) == []


def test_a_hint_appears_when_it_was_asked_for(learner_page, level):
    player = PagePlayer(learner_page, "secrets")
    player.begin()
    row = Play.objects.get().questions.get(question__kind="number")
    known = {"session_id": row.play_id, "question_id": row.question.question_id}
    assert secrets_in(player.post("hint", **known)) == ["xerox"]


def test_the_order_of_choices_says_nothing_and_stays_the_same(learner_page):
    level = LevelFactory(level_id="order")
    QuestionFactory(level=level, kind="ordering", prompt="?", answer=list("abcdefgh"))
    player = PagePlayer(learner_page, "order")
    shown = [_stage_of(page) for page in (player.begin(), player.look(), player.look())]
    assert shown[0] == shown[1] == shown[2]


def _stage_of(response):
    """Without tokens, which are masked anew each time."""
    lines = response.content.decode().splitlines()
    return [line for line in lines if "csrf" not in line and "data-row" in line]
