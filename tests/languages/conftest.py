import pytest
from django.test import Client

from tests.factories import UserFactory

from .marks import mark, use_marks


@pytest.fixture(autouse=True)
def _marks(monkeypatch):
    use_marks(monkeypatch)


@pytest.fixture
def learner(db):
    return UserFactory(username="mark", display_name=mark("Ana"), language="id")


@pytest.fixture
def browser(learner):
    browser = Client()
    browser.force_login(learner)
    return browser
