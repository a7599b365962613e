import pytest
from pytest_django.asserts import assertRedirects

from levels.models import Section, Unit
from tests.factories import LevelFactory

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def knots(db):
    """Four levels, each of which opens the next one."""
    section = Section.objects.create(section_id="knots", title="Knots and Ropes", order=1)
    Unit.objects.create(unit_id="u1", section=section, title="First Knots", order=1)
    Unit.objects.create(unit_id="u2", section=section, title="Hitches", order=2)
    levels = []
    for position, (name, unit) in enumerate([("Reef", "u1"), ("Bowline", "u1"), ("Clove", "u2"), ("Timber", "u2")], 1):
        place = {"category": "knots", "unit": unit, "position": position, "number": None, "kind": "training"}
        levels.append(LevelFactory(level_id=f"knot-{position}", name=name, prerequisites=levels[-1:], **place))
    return levels


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.get("/paths/knots"), "/sign-in?next=/paths/knots")


def test_a_path_shows_what_is_mastered_passed_open_and_locked(learner_page, learner, knots, report, ask):
    ask(knots[2])
    report(learner, knots[0], score=knots[0].max_score)
    report(learner, knots[1], score=knots[1].max_score - 1)
    response = learner_page.get("/paths/knots")
    assert (
        "Knots and Ropes 2 of 4 passed, 1 of them mastered. "
        "A level is mastered when your best result has the full score. "
        "First Knots Reef Mastered In the app Normal Bowline Passed In the app Normal "
        "Hitches Clove Open Play here Normal Timber Locked In the app Normal Finish first: Clove"
    ) in text_of(response)
    [here] = [attrs for tag, attrs in elements_of(response) if attrs.get("aria-current") == "step"]
    assert here["class"] == "path-step unlocked"


def test_a_category_without_a_section_has_a_path_too(learner_page):
    LevelFactory(category="Reading & Writing", name="Commas", number=2)
    LevelFactory(category="Reading & Writing", name="Letters", number=1)
    LevelFactory(category="Reading & Writing", name="Endless", kind="mode")
    text = text_of(learner_page.get("/paths/Reading%20&%20Writing"))
    assert "Reading & Writing 0 of 2 passed" in text
    assert text.index("Letters") < text.index("Commas")
    assert "Endless" not in text


@pytest.mark.parametrize("category", ["nowhere", "modes", "drafts"])
def test_no_path_is_not_found(learner_page, category):
    LevelFactory(category="modes", kind="mode")
    LevelFactory(category="drafts", published=False)
    assert learner_page.get(f"/paths/{category}").status_code == 404


def test_every_category_that_has_a_path_is_linked(learner_page, knots):
    LevelFactory(category="modes", kind="mode")
    LevelFactory(category="a/b")
    links = {attrs.get("href") for tag, attrs in elements_of(learner_page.get("/levels")) if tag == "a"}
    paths = {link for link in links if link.startswith("/paths/")}
    assert paths == {"/paths/knots", "/paths/a/b", "/paths/simulation"}
    assert {learner_page.get(path).status_code for path in paths} == {200}


def test_levels_of_a_kind_that_are_in_no_section_are_a_path_too(learner_page, knots):
    for number, category in [(2, "Mail"), (1, "News")]:
        LevelFactory(name=f"About {category}", category=category, number=number, kind="simulation")
    text = text_of(learner_page.get("/paths/simulation"))
    assert "Simulations 0 of 2 passed" in text
    assert text.index("About News") < text.index("About Mail")
    assert learner_page.get("/paths/training").status_code == 404, "all of them are in a section"


@pytest.mark.parametrize("number", [1, 10])
def test_a_path_takes_the_same_statements_whatever_its_length(
    learner_page, learner, report, number, django_assert_num_queries
):
    for _ in range(number):
        report(learner, LevelFactory(category="long"))
        LevelFactory(category="long", prerequisites=[LevelFactory(category="long")])
    with django_assert_num_queries(8):
        learner_page.get("/paths/long")
