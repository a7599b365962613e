"""What a first visit loads: pages as they are, static files compressed as WhiteNoise serves them."""

import gzip

import pytest
from django.utils import timezone

from skillquest.accounts.models import User
from tracking.plays.services import start_play

from .conftest import DESKTOP

KB = 1_000
PLAY = "/levels/level-1/play"


def size_of(answer):
    body = answer.body()
    return len(gzip.compress(body) if "/static/" in answer.url else body)


def weigh(page, path):
    """Bytes by address."""
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    return {answer.url: size_of(answer) for answer in answers}


@pytest.fixture
def first_visit(open_browser, player):
    start_play(learner=player.learner, level="level-1", at=timezone.now())

    def first_visit(path, language):
        User.objects.update(language=language)
        page = open_browser(viewport=DESKTOP, storage_state=player.context.storage_state())
        sizes = weigh(page, path)
        assert page.locator("html").get_attribute("lang") == language
        return sizes

    return first_visit


def test_the_first_visits_are_light_in_every_language(first_visit, live_server):
    for path, most in {"/dashboard": 120 * KB, PLAY: 150 * KB}.items():
        english, indonesian = first_visit(path, "en"), first_visit(path, "id")
        assert max(sum(english.values()), sum(indonesian.values())) <= most
        text, other_text = english.pop(live_server.url + path), indonesian.pop(live_server.url + path)
        assert indonesian == english  # no file is for one language
        assert other_text <= 1.1 * text
