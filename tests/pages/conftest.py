from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from levels.models import Question
from tests.factories import LevelFactory, QuestionFactory
from tracking.models import QuestionMemory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level, end_session, start_session


@pytest.fixture
def maze(db):
    """level-1, as the shipped catalogue has it, with one question."""
    level = LevelFactory(
        level_id="level-1",
        number=1,
        name="The Misinformation Maze",
        category="Information Literacy",
        icon="bi-newspaper",
        difficulty="easy",
        estimated_time="15 minutes",
        expected_time_seconds=900,
        xp_reward=100,
        skills=["Fact Checking"],
    )
    QuestionFactory(level=level)
    return level


@pytest.fixture
def ask():
    """`ask(level)` gives a level a question, so that it can be played in the browser."""

    def ask(level, **fields):
        values = {"question_id": f"{level.level_id}-1", "kind": "true_false", "prompt": "Is it?", "answer": True}
        return Question.objects.create(level=level, **values | fields)

    return ask


@pytest.fixture
def visit():
    """`visit(user)` -> a browser without JavaScript in which that person is signed in."""

    def visit(user):
        browser = Client()
        browser.force_login(user)
        return browser

    return visit


@pytest.fixture
def learner_page(visit, learner):
    return visit(learner)


@pytest.fixture
def play():
    """`play(learner, level, score=…)` in 100 seconds, ended an hour ago."""

    def play(learner, level, *, score, **metadata):
        at = timezone.now() - timedelta(hours=1)
        session, _ = start_session(learner=learner, level=level.level_id, resume=False, at=at - timedelta(seconds=100))
        return end_session(
            learner=learner, session_id=session.pk, score=score, metadata=metadata, source="web", at=at
        ).answer

    return play


@pytest.fixture
def report():
    """`report(learner, level, score=…)`: a completion without a session, as game apps send it."""

    def report(learner, level, *, score=100, time_spent=None):
        claim = Claim(level.level_id, score, time_spent)
        return complete_level(learner=learner, claim=claim, source="api", at=timezone.now()).answer

    return report


@pytest.fixture
def remember():
    """`remember(learner, question, due_in_days)`"""

    def remember(learner, question, due_in_days):
        at = timezone.now()
        due = at + timedelta(days=due_in_days)
        card = {"state": 2, "stability": 1.0, "difficulty": 5.0, "last_review": at, "correct": True}
        return QuestionMemory.objects.create(learner=learner, question=question, due=due, **card)

    return remember
