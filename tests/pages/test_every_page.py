"""What holds for all pages: no inline code, nothing from elsewhere, a language, one heading, names for every field."""

import re

import pytest
from django.test import RequestFactory
from django.views.defaults import server_error

from gamification.leaderboards.base import METRICS
from gamification.models import Achievement, LedgerEntry
from gamification.streaks.runs import Action
from gamification.streaks.status import DayStatus
from levels.choices import Difficulty, Kind, RepeatPolicy, XPRule
from skillquest.pages import labels
from tests.shipped_catalogue import load_whole_catalogue

from .html import elements_of

pytestmark = pytest.mark.django_db

FOR_STRANGERS = [
    "/",
    "/sign-up",
    "/sign-in",
    "/forgot-password",
    "/forgot-password/sent",
    "/new-password",
    "/new-password/done",
    "/claim",
    "/erased",
    "/nowhere",
]
FOR_LEARNERS = [
    "/dashboard",
    "/levels",
    "/levels?search=zzz",
    "/paths/simulation",
    "/levels/level-1",
    "/levels/level-1/play",
    "/practice",
    "/achievements",
    "/achievements?rarity=mythical",
    "/leaderboards",
    "/leaderboards/xp_weekly",
    "/history",
    "/history?reason=streak_bonus",
    "/profile",
    "/profile/password",
    "/profile/erase",
]


@pytest.fixture(params=FOR_STRANGERS + FOR_LEARNERS)
def response(request, client, learner, learner_page, maze, play):
    play(learner, maze, score=900)
    browser = learner_page if request.param in FOR_LEARNERS else client
    return browser.get(request.param)


def test_a_page_has_no_inline_code_and_no_third_party_requests(response):
    for tag, attrs in elements_of(response):
        assert "style" not in attrs
        assert tag != "style"
        assert not [name for name in attrs if name.startswith("on")]
        assert tag != "script" or "src" in attrs or attrs.get("type") == "application/json"
        for name in ("src", "href", "action"):
            assert not re.match(r"(https?:)?//|data:|javascript:", attrs.get(name) or ""), attrs


def test_a_page_can_be_read_by_everybody(response):
    elements = elements_of(response)
    tags = [tag for tag, _ in elements]
    assert elements[0] == ("html", {"lang": "en"})
    assert ("meta", {"name": "color-scheme", "content": "light dark"}) in elements
    assert tags.count("main") == tags.count("title") == 1
    [description] = [attrs["content"] for _, attrs in elements if attrs.get("name") == "description"]
    assert 40 < len(description) < 160
    assert "h1" in tags
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    labelled = {attrs.get("for") for tag, attrs in elements if tag == "label"}
    fields = [attrs for tag, attrs in elements if tag in ("input", "select") and attrs.get("type") != "hidden"]
    assert all(attrs["id"] in labelled for attrs in fields)
    assert all(attrs.get("aria-label") for tag, attrs in elements if tag == "progress")
    pictures = [attrs for tag, attrs in elements if tag == "svg"]
    assert all(attrs.get("aria-hidden") or attrs.get("aria-label") for attrs in pictures)


def test_no_page_of_a_learner_is_left_in_a_cache(learner_page, maze):
    for path in FOR_LEARNERS:
        assert "no-store" in learner_page.get(path)["Cache-Control"]


def test_a_page_keeps_the_strict_policy(response):
    assert response["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in response["Content-Security-Policy"]


def test_the_page_for_a_broken_server_needs_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "A bridge is down" in response.content.decode()


def test_every_stored_value_has_a_text_for_people():
    assert set(LedgerEntry.Reason.values) == set(labels.REASONS)
    assert set(Kind.values) == set(labels.KINDS) == set(labels.LEVEL_GROUPS)
    assert set(Difficulty.values) == set(labels.DIFFICULTIES)
    assert set(XPRule.values) == set(labels.RULES)
    assert set(RepeatPolicy.values) == set(labels.REPEATS)
    assert set(Achievement.Rarity.values) == set(labels.RARITIES)
    assert set(METRICS) == set(labels.BOARDS) == set(labels.UNRANKED)
    assert {status.value for status in DayStatus} == set(labels.DAYS)
    assert {action.value for action in Action} == set(labels.STREAK_ACTIONS)


def test_every_shipped_achievement_has_a_category_with_text():
    load_whole_catalogue()
    assert set(Achievement.objects.values_list("category", flat=True)) == set(labels.ACHIEVEMENT_CATEGORIES)
