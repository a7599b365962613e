"""A page in Indonesian asks the database as often as in English, and weighs about the same."""

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import trans_real

from skillquest.accounts.models import User
from tests.pages.answering import PagePlayer

from .worlds import make_quiz

pytestmark = pytest.mark.django_db
LONGER = 1.03  # words of Indonesian are longer


@pytest.fixture
def _real_texts(monkeypatch):
    monkeypatch.delitem(trans_real._translations, "id")


def cost(browser, path):
    with CaptureQueriesContext(connection) as queries:
        response = browser.get(path)
    return len(queries), len(gzip.compress(response.content, mtime=0))


@pytest.mark.usefixtures("_real_texts")
@pytest.mark.parametrize("path", ["/dashboard", "/levels/quiz/play"])
def test_the_same_page_in_both_languages(browser, learner, path):
    make_quiz()
    PagePlayer(browser, "quiz").begin()
    found = {}
    for language in ("en", "id"):
        User.objects.filter(pk=learner.pk).update(language=language)
        browser.get(path)  # what a process remembers, it remembers from here on
        found[language] = cost(browser, path)
    assert found["id"][0] <= found["en"][0]
    assert found["id"][1] <= found["en"][1] * LONGER
