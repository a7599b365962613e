import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from skillquest.pages.history import LINES_ON_PAGE
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, metric

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def give(learner):
    staff = StaffFactory()

    def give(count):
        for _ in range(count):
            adjust(learner_id=learner.pk, amount=1, reason="A gift", note="Secret", actor=staff, at=timezone.now())

    return give


def sequences(response):
    return [line.entry.sequence for line in response.context["page"].lines]


def pager(response):
    return {attrs["rel"]: attrs["href"] for tag, attrs in elements_of(response) if tag == "a" and "rel" in attrs}


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.get("/history"), "/sign-in?next=/history")


def test_a_blank_journal_says_how_to_begin(learner_page):
    response = learner_page.get("/history")
    assert "Still blank." in text_of(response)
    assert "/levels" in [attrs.get("href") for _, attrs in elements_of(response) if attrs.get("class") == "button"]
    assert "<select" not in response.content.decode(), "nothing is there to be narrowed"
    assert pager(response) == {}


def test_a_journal_with_nothing_but_a_result_that_staff_check_is_not_blank(learner_page, learner, report):
    assert report(learner, LevelFactory(metadata={"min_seconds": 60}), time_spent=5)["held"]
    text = text_of(learner_page.get("/history"))
    assert "Results that our staff look at" in text
    assert "Still blank." not in text


def test_pages_go_back_and_forth_over_every_line_once(learner_page, give):
    give(2 * LINES_ON_PAGE + 3)
    first = learner_page.get("/history")
    assert sequences(first) == list(range(53, 28, -1))
    assert pager(first) == {"next": "?before=29"}
    second = learner_page.get("/history?before=29")
    assert sequences(second) == list(range(28, 3, -1))
    assert pager(second) == {"prev": "?after=28", "next": "?before=4"}
    third = learner_page.get("/history?before=4")
    assert sequences(third) == [3, 2, 1]
    assert pager(third) == {"prev": "?after=3"}
    back = learner_page.get("/history?after=3")
    assert sequences(back) == sequences(second)
    assert sequences(learner_page.get("/history?after=28")) == sequences(first)


def test_lines_can_be_narrowed_by_why(learner_page, learner, maze, play, give):
    give(1)
    play(learner, maze, score=500)
    response = learner_page.get("/history?reason=manual_adjustment")
    assert sequences(response) == [1]
    assert "No line of this kind." in text_of(learner_page.get("/history?reason=import"))


def test_the_filter_goes_along_from_page_to_page(learner_page, give):
    give(LINES_ON_PAGE + 1)
    response = learner_page.get("/history?reason=manual_adjustment")
    assert pager(response) == {"next": "?before=2&reason=manual_adjustment"}


@pytest.mark.parametrize(
    "query", ["before=abc", "before=-1", "after=", f"before={'9' * 30}", "before=²", "reason=luck"]
)
def test_whatever_else_the_address_says_the_newest_are_shown(learner_page, give, query):
    give(2)
    assert sequences(learner_page.get(f"/history?{query}")) == [2, 1]


def test_colleagues_notes_are_not_for_learners(learner_page, give):
    give(1)
    text = text_of(learner_page.get("/history"))
    assert "A gift" in text
    assert "Secret" not in text


def test_nobody_sees_another_learners_lines(visit, give):
    give(3)
    assert sequences(visit(UserFactory()).get("/history")) == []


def test_each_line_says_why(learner_page, learner, maze, play):
    AchievementFactory(name="First", description="Finish it", condition=metric("completions", 1), xp_reward=50)
    play(learner, maze, score=500)
    text = text_of(learner_page.get("/history"))
    assert "First: Finish it for unlocking it +50 XP earned +50 Line 2 of your journal." in text
    assert "You scored 500 of 1000 in 1 min 40 s. for finishing +10" in text


@pytest.mark.parametrize("times", [1, 12])
def test_the_journal_takes_the_same_statements_whatever_its_length(
    learner_page, learner, play, times, django_assert_num_queries
):
    for number in range(times):
        AchievementFactory(condition=metric("completions", number + 1), xp_reward=1)
        play(learner, LevelFactory(), score=500)
    with django_assert_num_queries(7):
        learner_page.get("/history")
