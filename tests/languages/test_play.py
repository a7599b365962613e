"""Every text of the pages on which somebody plays and practises goes through gettext."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.pages.answering import PagePlayer, fields_of
from tracking.models import LearningSession, Play, QuestionMemory
from tracking.review.remembering import remember

from .test_pages import read
from .worlds import make_level, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiz(db):
    return make_quiz()


@pytest.fixture
def player(browser, quiz):
    return PagePlayer(browser, quiz.level_id)


@pytest.fixture
def play(player):
    read(player.look())
    read(player.begin())
    LearningSession.objects.update(start_time=timezone.now() - timedelta(minutes=10))
    return Play.objects.get()


def rows_of(play):
    return play.questions.select_related("question").order_by("position")


@pytest.mark.parametrize("right", [7, 5, 1])
def test_a_play_and_its_result(player, play, browser, right):
    for number, row in enumerate(rows_of(play)):
        read(player.post("hint", session_id=play.pk, question_id=row.question.question_id))
        read(player.answer(row, answer=""))
        read(player.answer(row, rightly=number < right))
        read(player.answer(row, rightly=number < right))
        read(player.look())
    read(player.finish(play))
    for path in ("/dashboard", "/history", "/practice", "/profile", "/levels/quiz", "/levels/quiz/play"):
        read(browser.get(path))


def test_a_play_that_pays_nothing_and_one_that_is_held(player, play, quiz):
    LearningSession.objects.update(start_time=timezone.now())
    for row in rows_of(play):
        player.answer(row)
    read(player.finish(play))


def test_a_level_that_cannot_be_played(browser):
    make_level("empty")
    make_level("closed", unlocked=False)
    for level in ("empty", "closed"):
        read(browser.get(f"/levels/{level}/play", follow=True))


def test_practice_in_each_state(browser, learner, quiz):
    read(browser.get("/practice"))
    for question in quiz.questions.all():
        remember(learner_id=learner.pk, question=question, correct=False, at=timezone.now() - timedelta(days=2))
    for number, question in enumerate(quiz.questions.all()):
        read(browser.get("/practice"))
        answer = {"question_id": question.question_id, **fields_of(question, rightly=number % 2 == 0)}
        read(browser.post("/practice/answer", answer, follow=True))
    QuestionMemory.objects.update(due=timezone.now() + timedelta(days=2))
    read(browser.get("/practice"))
