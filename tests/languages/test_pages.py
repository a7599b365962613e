"""Every text of a page goes through gettext, in each state that a page has."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gamification.awards.activity import check_in
from gamification.awards.adjustments import reverse
from gamification.leaderboards.base import METRICS
from gamification.models import Achievement, BoardStanding, LearnerProfile
from gamification.staff.standings import set_board_standing
from levels.choices import Difficulty
from skillquest.pages import labels
from tests.factories import StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, metric
from tests.pages.conftest import report  # noqa: F401 - a fixture
from tests.pages.test_every_page import FOR_STRANGERS

from .marks import mark, untranslated
from .worlds import make_level

pytestmark = pytest.mark.django_db
SOON = [metric("active_days", 3), metric("study_seconds", 36_000), {"all": [metric("completions", 9)] * 2}]
DAYS = {"new": [], "lit": [0], "at_risk": [1], "missed": [3], "broken": [9, 8], "long": [*range(8)]}


def read(response):
    assert response.status_code in (200, 400, 403, 404, 429), response
    assert response["Content-Language"] == "id"
    assert untranslated(response) == []


def give(learner, amount):
    return adjust(learner_id=learner.pk, amount=amount, reason=mark("gift"), actor=StaffFactory(), at=timezone.now())


@pytest.fixture
def played(learner, report):  # noqa: F811
    """Levels, results, achievements and lines of the journal of every kind."""
    first = make_level("first", difficulty="very_easy", expected_time_seconds=600)
    states = [{"coming_soon": True}, {"unlocked": False}, {"prerequisites": [first, make_level("other")]}, {}, {}]
    for number, (kind, fields) in enumerate(zip(labels.KINDS, states, strict=True)):
        make_level(f"level-{number}", kind=kind, difficulty=Difficulty.values[number], **fields)
    strict = make_level("strict", pass_score=50, metadata={"min_seconds": 60}, xp_rule="scenario")
    for number, category in enumerate(labels.ACHIEVEMENT_CATEGORIES):
        rarity, condition = Achievement.Rarity.values[number % 4], [metric("completions", 1), *SOON][number % 4]
        texts = {"name": mark(category), "description": mark("d"), "xp_reward": 5, "hidden": number == 7}
        AchievementFactory(rarity=rarity, category=category, condition=condition, **texts)
    BadgeFactory(name=mark("b"), description=mark("d"), condition=metric("completions", 2))
    for level, score, seconds in [(strict, 10, 100), (strict, 90, 5), (first, 90, 300), (first, 100, 200)]:
        report(learner, level, score=score, time_spent=seconds)
    reverse(give(learner, 50), actor=StaffFactory(), note="", reason=mark("oops"), at=timezone.now())
    give(UserFactory(display_name=mark("Budi")), 90)


@pytest.mark.parametrize("path", FOR_STRANGERS)
def test_pages_for_visitors(path):
    read(Client(HTTP_ACCEPT_LANGUAGE="id").get(path))


@pytest.mark.parametrize(
    "path", ["/dashboard", "/levels", "/levels?search=zzz", "/achievements", "/history", "/practice", "/profile"]
)
def test_pages_of_a_new_learner(browser, path):
    read(browser.get(path))


def test_pages_of_a_learner_who_has_done_much(browser, played):
    levels = ["first", "strict", "other", *(f"level-{number}" for number in range(5))]
    for path in [
        *("/dashboard", "/levels", "/levels?difficulty=none", "/achievements", "/achievements?rarity=mythical"),
        *("/history", "/history?reason=streak_bonus", "/profile", "/profile/password", "/profile/erase"),
        *(f"/levels/{level}" for level in levels),
        *(f"/paths/{kind}" for kind in ("simulation", "mode")),
        *(f"/leaderboards/{name}" for name in METRICS),
    ]:
        read(browser.get(path, follow=True))


@pytest.mark.parametrize("days", DAYS.values(), ids=DAYS)
def test_the_dashboard_in_each_state_of_the_streak(browser, learner, days):
    for ago in sorted(days, reverse=True):
        check_in(learner.pk, at=timezone.now() - timedelta(days=ago))
    read(browser.get("/dashboard"))
    read(browser.post("/streak/freeze", follow=True))
    read(browser.post("/streak/check-in", follow=True))
    read(browser.get("/dashboard"))


def test_what_was_earned_is_said_once(browser):
    AchievementFactory(name=mark("a"), description=mark("d"), condition=metric("active_days", 1), xp_reward=50)
    BadgeFactory(name=mark("b"), condition=metric("active_days", 1))
    read(browser.post("/streak/check-in", follow=True))


@pytest.mark.parametrize("standing", [BoardStanding.UNDER_REVIEW, BoardStanding.EXCLUDED, "hidden"])
def test_boards_of_a_learner_who_is_not_on_them(browser, learner, played, standing):
    if standing == "hidden":
        LearnerProfile.objects.filter(pk=learner.pk).update(leaderboard_opt_out=True)
    else:
        why = {"until": None, "reason": mark("why"), "note": "-", "actor": StaffFactory(), "at": timezone.now()}
        set_board_standing(learner_id=learner.pk, standing=standing, **why)
    read(browser.get("/leaderboards"))


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/profile", {"display_name": "\u202e", "time_zone": "Nowhere", "language": "xx"}),
        ("/profile", {"display_name": mark("Ana"), "time_zone": "UTC", "language": "id"}),
        ("/profile/password", {"old_password": "wrong", "new_password": "short"}),
        ("/profile/password", {}),
        ("/profile/erase", {"password": "wrong"}),
        ("/levels/nowhere/play/start", {}),
    ],
)
def test_forms_of_learners_that_are_answered(browser, path, sent):
    read(browser.post(path, sent, follow=True))


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/sign-in", {"identifier": "nobody", "password": "wrong"}),
        ("/sign-in", {}),
        ("/sign-up", {"username": "a b", "email": "no", "password": "123"}),
        ("/sign-up", {"username": "mark", "email": "mark@example.test", "password": "12345678"}),
        ("/sign-up", {"username": "penguins", "email": "a@example.test", "password": "penguins1"}),
        ("/sign-up", {"username": "anna", "email": "penguins@example.test", "password": "penguins@example"}),
        ("/forgot-password", {"email": "mark@example.test"}),
        ("/forgot-password", {"email": "no"}),
        ("/new-password", {"new_password": "five small green frogs"}),
    ],
)
def test_forms_of_visitors_that_are_answered(learner, path, sent):
    read(Client(HTTP_ACCEPT_LANGUAGE="id").post(path, sent, follow=True))


def test_a_form_that_is_sent_too_often_or_has_expired(settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"auth": "1/m"}
    visitor = Client(HTTP_ACCEPT_LANGUAGE="id", enforce_csrf_checks=True)
    read(visitor.post("/sign-up", {}))
    visitor = Client(HTTP_ACCEPT_LANGUAGE="id")
    visitor.post("/sign-up", {})
    read(visitor.post("/sign-up", {}))
