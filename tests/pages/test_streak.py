"""The streak card in every state, and its two buttons."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.asserts import assertRedirects

from gamification.awards.activity import check_in, protect_today
from gamification.models import ActivityDay, Amnesty
from skillquest.pages.streak import HEATS, StreakCard
from tests.factories import LevelFactory, StaffFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, metric

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to(TODAY, tick=False)


@pytest.fixture
def active(learner):
    """`active(3, 2, 0)`: on these days ago, oldest first."""

    def active(*days_ago):
        for days in days_ago:
            check_in(learner.pk, at=TODAY - timedelta(days=days))

    return active


@pytest.fixture
def card(learner_page):
    def card() -> StreakCard:
        return learner_page.get("/dashboard").context["streak"]

    return card


def facts(card):
    return card.state, card.status.current_streak, card.heat, card.freeze_refusal


def test_a_new_learner_has_no_flame_yet(card):
    assert facts(card()) == ("new", 0, 0, "nothing_to_protect")
    assert "Your first day lights the flame" in card().line
    assert card().summary == "The last 30 days: nothing yet."


def test_after_the_first_active_day_the_flame_is_lit(card, active):
    active(0)
    assert facts(card()) == ("alive", 1, 1, "active_already")
    assert card().line == "The flame is lit. Come back tomorrow to feed it."


def test_a_day_not_done_yet_is_at_risk(card, active):
    active(2, 1)
    assert facts(card()) == ("at_risk", 2, 1, "")
    assert card().line == "Keep it burning: be active before midnight, and this becomes day 3."
    assert card().freeze_cost == 1


def test_missed_days_wait_for_their_freezes(card, active):
    active(4, 3)
    assert facts(card()) == ("rescue", 2, 1, "")
    assert card().line.startswith("You missed 2 days, and you have freezes for them.")
    assert card().freeze_cost == 3


def test_more_missed_days_than_freezes_to_protect_today(card, active):
    active(5, 4)
    assert facts(card()) == ("rescue", 2, 1, "not_enough")


def test_a_broken_streak_has_a_kind_message(card, active):
    active(20, 19, 18)
    assert facts(card()) == ("broken", 0, 0, "nothing_to_protect")
    assert card().line.startswith("The flame went out after 3 days. One day lights it again,")
    assert card().summary == "The last 30 days: 3 active, 17 missed."


def test_a_frozen_day_is_safe(card, active, learner):
    active(2, 1)
    protect_today(learner.pk, at=TODAY)
    assert facts(card()) == ("frozen", 2, 1, "protected_already")
    assert card().freezes == [True, True, False]


def test_a_pardoned_day_is_safe_too(card, active, learner):
    active(2, 1)
    ActivityDay.objects.create(learner=learner, date=TODAY.date(), kind="pardoned", recorded_at=TODAY)
    assert facts(card()) == ("pardoned", 2, 1, "protected_already")
    assert not Amnesty.objects.exists()


def test_the_next_freeze_is_counted_down_to(card, active, learner):
    active(3, 2, 1)
    learner.profile.__class__.objects.filter(pk=learner.pk).update(freezes_available=1)
    active(0)
    assert card().line == "Today counts. 3 more days earn you a freeze."
    assert card().freezes == [True, False, False]


def test_with_the_most_freezes_no_more_are_earned(card, active):
    active(1, 0)
    assert "you have as many freezes as you can hold. See you tomorrow for day 3." in card().line


def test_the_flame_warms_with_the_days(card, active, learner):
    for heat, days in enumerate(HEATS, start=1):
        ActivityDay.objects.all().delete()
        learner.profile.__class__.objects.filter(pk=learner.pk).update(
            streak_run=days, active_days=days, last_day=TODAY, alive_until=TODAY + timedelta(days=1)
        )
        assert card().heat == heat


def test_the_strip_is_described_in_one_sentence_and_in_a_table(learner_page, active):
    active(4, 2, 1)
    response = learner_page.get("/dashboard")
    text = text_of(response)
    assert "The last 30 days: 3 active, 1 frozen." in text
    assert "Day Streak Fri 20 March Nothing yet Thu 19 March Active Wed 18 March Active Tue 17 March Frozen" in text
    assert sum(attrs.get("class", "").startswith("strip") for tag, attrs in elements_of(response) if tag == "ol") == 1


def test_checking_in_lights_the_flame_once(learner_page):
    response = learner_page.post("/streak/check-in", follow=True)
    assert response.redirect_chain == [("/dashboard", 302)]
    assert "Your streak has begun: this is day 1." in text_of(response)
    assert "You have been active today" in text_of(response)
    assert "Your streak has begun" not in text_of(learner_page.get("/dashboard")), "it is shown once"
    again = learner_page.post("/streak/check-in", follow=True)
    assert "Your streak stands at day 1." in text_of(again)
    assert ActivityDay.objects.count() == 1


def test_what_a_check_in_unlocks_is_celebrated(learner_page):
    AchievementFactory(name="Here <b>I</b> am", condition=metric("active_days", 1), xp_reward=50, rarity="epic")
    BadgeFactory(name="Present", condition=metric("active_days", 1))
    response = learner_page.post("/streak/check-in", follow=True)
    assert "Achievement unlocked: Here <b>I</b> am, +50 XP New badge: Present" in text_of(response)
    assert ("b", {}) not in elements_of(response)
    assert is_celebrated(response)


def is_celebrated(response):
    return any("data-celebrate" in attrs for _, attrs in elements_of(response))


def test_only_gains_are_celebrated(learner_page):
    assert is_celebrated(learner_page.post("/streak/check-in", follow=True)), "the streak grew"
    assert not is_celebrated(learner_page.post("/streak/check-in", follow=True)), "nothing is new"
    assert not is_celebrated(learner_page.post("/streak/freeze", follow=True))


def test_learning_is_the_main_button_and_checking_in_the_second(learner_page, active, ask):
    active(1)
    ask(LevelFactory(level_id="knots", name="Knots"))
    response = learner_page.get("/dashboard")
    assert "Play Knots Only check in Freeze today" in text_of(response)
    buttons = [attrs for _, attrs in elements_of(response) if "button" in attrs.get("class", "").split()]
    assert [(button["class"], button.get("href")) for button in buttons] == [
        ("button", "/levels/knots/play"),
        ("button", "/levels/knots/play"),
        ("button quiet", None),
        ("button plain", None),
    ]


def test_freezing_today_takes_a_freeze_and_says_so(learner_page, active, card):
    active(2, 1)
    response = learner_page.post("/streak/freeze", follow=True)
    assert "Today is frozen; your streak of 2 days is safe." in text_of(response)
    assert card().status.freezes_available == 2


def test_a_freeze_that_would_protect_nothing_is_kept(learner_page, card):
    response = learner_page.post("/streak/freeze", follow=True)
    assert "There is no streak to protect yet." in text_of(response)
    assert card().status.freezes_available == 3


def test_the_button_is_off_where_there_is_nothing_to_freeze(learner_page, active):
    def buttons():
        elements = elements_of(learner_page.get("/dashboard"))
        return [attrs for tag, attrs in elements if tag == "button" and attrs.get("aria-describedby") == "freeze-why"]

    assert buttons() == [], "a new learner is not shown it"
    active(20)
    assert ["disabled" in button for button in buttons()] == [True]
    active(1)
    assert ["disabled" in button for button in buttons()] == [False]
    active(0)
    assert buttons() == []


@pytest.mark.parametrize("path", ["/streak/check-in", "/streak/freeze"])
class TestDoors:
    def test_anonymous_visitors_are_redirected_to_sign_in(self, client, path):
        assertRedirects(client.post(path), f"/sign-in?next={path}", fetch_redirect_response=False)

    def test_looking_changes_nothing(self, learner_page, path):
        assert learner_page.get(path).status_code == 405
        assert not ActivityDay.objects.exists()

    def test_forms_of_other_sites_are_refused(self, learner, path):
        from django.test import Client

        browser = Client(enforce_csrf_checks=True)
        browser.force_login(learner)
        assert browser.post(path).status_code == 403

    def test_too_many_are_slowed_down(self, learner_page, settings, path):
        settings.RATELIMIT_ENABLE = True
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": "1/m"}
        assert [learner_page.post(path).status_code for _ in range(2)] == [302, 429]


def test_messages_of_the_admin_do_not_break_the_dashboard(visit):
    staff = StaffFactory()
    browser = visit(staff)
    browser.post("/admin/accounts/user/", {"action": "delete_selected", "index": 0})
    assert browser.get("/dashboard").status_code == 200
