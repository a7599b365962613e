import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from gamification.awards.activity import check_in
from gamification.awards.adjustments import reverse
from gamification.models import Badge, BadgeAward
from skillquest.pages.icons import icon_of_badge, sprite_names
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory, metric
from tests.shipped_catalogue import load_whole_catalogue

from .html import text_of

pytestmark = pytest.mark.django_db


def names_on(response):
    return [card.achievement.name for group in response.context["groups"] for card in group.cards]


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.get("/achievements"), "/sign-in?next=/achievements")


def test_locked_ones_show_how_far_it_is(learner_page, learner):
    AchievementFactory(
        name="Week", description="Seven", condition=metric("active_days", 7), rarity="rare", xp_reward=100
    )
    check_in(learner.pk, at=timezone.now())
    text = text_of(learner_page.get("/achievements"))
    assert "0 of 1 unlocked." in text
    assert "Week Seven 1 of 7 Rare +100 XP 0 % of learners have it" in text


def test_unlocked_ones_show_when_and_how_rare(learner_page, learner, time_machine):
    time_machine.move_to("2026-03-04T12:00:00Z", tick=False)
    AchievementFactory(name="Here", description="Come", condition=metric("active_days", 1), rarity="legendary")
    UserFactory.create_batch(2)
    check_in(learner.pk, at=timezone.now())
    text = text_of(learner_page.get("/achievements"))
    assert "1 of 1 unlocked." in text
    assert "Here Come Unlocked 4 March 2026 Legendary 33.3 % of learners have it" in text


def test_seconds_are_shown_as_hours_and_minutes(learner_page, learner, report):
    AchievementFactory(condition=metric("study_seconds", 36_000))
    for seconds in (3600, 900):
        report(learner, LevelFactory(), time_spent=seconds)
    assert "1 h 15 min of 10 h" in text_of(learner_page.get("/achievements"))


def test_conditions_of_several_parts_count_them(learner_page, learner):
    AchievementFactory(condition={"all": [metric("active_days", 1), metric("completions", 1)]})
    check_in(learner.pk, at=timezone.now())
    assert "1 of 2" in text_of(learner_page.get("/achievements"))


def test_a_secret_gives_nothing_away(learner_page, learner):
    secret = AchievementFactory(
        achievement_id="x", name="Moonwalker", description="Backwards", hidden=True, xp_reward=77, icon="bi-moon"
    )
    html = learner_page.get("/achievements").content.decode()
    assert "A secret" in html
    assert not any(secret in html for secret in ("Moonwalker", "Backwards", "77 XP", 'bi-moon"', "1000000"))
    UnlockFactory(learner=learner, achievement=secret)
    assert "Moonwalker Backwards Unlocked" in text_of(learner_page.get("/achievements"))


def test_one_that_was_taken_back_says_so(learner_page, learner, maze, play):
    AchievementFactory(name="First", condition=metric("completions", 1), xp_reward=5)
    play(learner, maze, score=500)
    line = learner.ledger.get(reason="achievement")
    reverse(line, actor=StaffFactory(), note="A mistake", at=timezone.now())
    assert "Taken back by our staff" in text_of(learner_page.get("/achievements"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Streak", "Rare one", "Done"]),
        ("category=streaks", ["Streak"]),
        ("rarity=rare", ["Rare one"]),
        ("state=unlocked", ["Done"]),
        ("state=locked&rarity=common", ["Streak"]),
        ("rarity=&utm_source=letter", ["Streak", "Rare one", "Done"]),
        ("rarity=mythical", ["Streak", "Rare one", "Done"]),
    ],
)
def test_the_grid_can_be_narrowed(learner_page, learner, query, names):
    AchievementFactory(name="Streak", category="streaks", position=1)
    AchievementFactory(name="Rare one", rarity="rare", position=2)
    AchievementFactory(name="Done", condition=metric("active_days", 1), position=3)
    check_in(learner.pk, at=timezone.now())
    assert names_on(learner_page.get(f"/achievements?{query}")) == names


def test_a_wrong_filter_is_reported_beside_its_field(learner_page):
    AchievementFactory()
    assert set(learner_page.get("/achievements?rarity=mythical").context["form"].errors) == {"rarity"}


def test_nothing_found_offers_the_way_back(learner_page):
    AchievementFactory()
    assert "No achievement matches all of these filters." in text_of(learner_page.get("/achievements?state=unlocked"))


def test_an_empty_catalogue_is_no_error(learner_page):
    assert "There are no achievements yet." in text_of(learner_page.get("/achievements"))


def test_drafts_are_hidden_unless_the_learner_has_them(visit, learner, learner_page):
    for model in (AchievementFactory, BadgeFactory):
        model(name=f"Draft {model.__name__}", published=False)
    kept = BadgeFactory(name="Kept badge", published=False)
    BadgeAward.objects.create(learner=learner, badge=kept, awarded_at=timezone.now())
    assert "Draft" not in text_of(learner_page.get("/achievements"))
    assert "Draft" not in text_of(visit(StaffFactory()).get("/achievements"))
    assert "Kept badge" in text_of(learner_page.get("/achievements"))


def test_badges_say_whether_they_are_mine(learner_page, learner, time_machine):
    time_machine.move_to("2026-03-04T12:00:00Z", tick=False)
    BadgeFactory(name="Present", description="Come", condition=metric("active_days", 1), position=1)
    BadgeFactory(name="Beta", description="Given by hand", position=2)
    check_in(learner.pk, at=timezone.now())
    text = text_of(learner_page.get("/achievements"))
    assert "Present Come Yours since 4 March 2026 Beta Given by hand Not yours yet" in text


@pytest.mark.parametrize("number", [1, 30])
def test_the_grid_takes_the_same_statements_whatever_its_size(learner_page, number, django_assert_num_queries):
    AchievementFactory.create_batch(number)
    BadgeFactory.create_batch(number)
    learner_page.get("/achievements")  # counts the holders for the next 15 minutes
    with django_assert_num_queries(7):
        learner_page.get("/achievements")


def test_every_shipped_badge_has_a_picture_of_its_own(learner_page):
    load_whole_catalogue()
    names = [icon_of_badge(badge.icon_url) for badge in Badge.objects.all()]
    assert len(names) == len(set(names)) == 9
    assert set(names) <= sprite_names()
    page = learner_page.get("/achievements").content.decode()
    assert all(f"#{name}" in page for name in names)


@pytest.mark.parametrize("icon_url", ["", "https://badges.example/owl.svg", "/icons/x.svg", "/icons/bi-owl.png"])
def test_other_badges_share_one_picture(icon_url):
    assert icon_of_badge(icon_url) == "bi-shield-check"
