import pytest
from pytest_django.asserts import assertRedirects

from levels.models import Section, Unit
from tests.factories import LevelFactory

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def knots(db):
    """A section of one unit with two steps, of which the first opens the second."""
    section = Section.objects.create(section_id="knots", title="Knots and Ropes", order=1)
    Unit.objects.create(unit_id="knots_u1", section=section, title="First Knots", order=1)
    place = {"category": "knots", "unit": "knots_u1", "kind": "training", "number": None, "xp_rule": "fixed"}
    first = LevelFactory(level_id="knots_u1_l1", name="Reef knot", position=1, **place)
    second = LevelFactory(level_id="knots_u1_l2", name="Bowline", position=2, prerequisites=[first], **place)
    return first, second


def test_anonymous_visitors_are_redirected_to_sign_in(client):
    assertRedirects(client.get("/levels"), "/sign-in?next=/levels")


def test_levels_are_grouped_with_their_status(learner_page, learner, maze, play):
    LevelFactory(name="Locked one", prerequisites=[maze, LevelFactory(name="Another")])
    LevelFactory(name="Not built", coming_soon=True)
    LevelFactory(name="Closed", unlocked=False)
    LevelFactory(name="Every day", kind="mode")
    LevelFactory(name="Secret draft", published=False)
    play(learner, maze, score=900)
    text = text_of(learner_page.get("/levels"))
    assert "The Misinformation Maze Passed Play here Easy 15 minutes My best: 900 of 1000 · " in text
    assert "Locked one Locked In the app Normal Finish first: Another" in text
    assert "Not built Coming soon Normal" in text
    assert "Closed Locked In the app Normal" in text
    assert "Modes Play them again and again; every round pays. testing Every day Open In the app Normal" in text
    assert "Secret draft" not in text


def test_sections_show_their_units_step_by_step(learner_page, learner, knots, report, ask):
    text = text_of(learner_page.get("/levels"))
    assert (
        "Knots and Ropes See it as a path First Knots Reef knot: Open, In the app "
        "Bowline: Locked, In the app Finish first: Reef knot" in text
    )
    report(learner, knots[0])
    ask(knots[1])
    text = text_of(learner_page.get("/levels"))
    assert "First Knots Reef knot: Passed, In the app 2 Bowline: Open, Play here" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["The Misinformation Maze", "Reef knot", "Bowline"]),
        ("search=MAZE", ["The Misinformation Maze"]),
        ("kind=training", ["Reef knot", "Bowline"]),
        ("category=knots", ["Reef knot", "Bowline"]),
        ("difficulty=easy", ["The Misinformation Maze"]),
        ("status=locked", ["Bowline"]),
        ("kind=training&status=unlocked", ["Reef knot"]),
        ("search=&kind=&utm_source=letter", ["The Misinformation Maze", "Reef knot", "Bowline"]),
    ],
)
def test_the_list_can_be_narrowed(learner_page, maze, knots, query, names):
    assert names_on(learner_page.get(f"/levels?{query}")) == names


def names_on(response):
    groups = response.context["groups"]
    steps = [
        step for group in groups for step in [*group.cards, *(step for unit in group.units for step in unit.steps)]
    ]
    return [step.level.name for step in steps]


def test_many_levels_come_in_pages(learner_page, knots):
    LevelFactory.create_batch(310, category="Reading", kind="scenario")
    pages = [learner_page.get(f"/levels?search=&category=&page={number}") for number in (1, 2, 3)]
    assert [len(names_on(page)) for page in pages] == [150, 150, 12]
    names = [name for page in pages for name in names_on(page)]
    assert len(set(names)) == 312
    assert names[-2:] == ["Reef knot", "Bowline"]
    assert "Levels 151 to 300 of 312" in text_of(pages[1])
    links = [attrs["href"] for tag, attrs in elements_of(pages[1]) if tag == "a" and "rel" in attrs]
    assert links == ["?page=1", "?page=3"]


def test_the_next_page_keeps_the_filters(learner_page):
    LevelFactory.create_batch(151, category="Reading & Writing")
    page = learner_page.get("/levels?category=Reading+%26+Writing&status=unlocked")
    [link] = [attrs["href"] for tag, attrs in elements_of(page) if tag == "a" and "rel" in attrs]
    assert link == "?category=Reading+%26+Writing&status=unlocked&page=2"
    assert len(names_on(learner_page.get(f"/levels{link}"))) == 1


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_answered_with_one_that_does(learner_page, maze, number):
    assert names_on(learner_page.get(f"/levels?page={number}")) == [maze.name]


def test_a_wrong_filter_is_reported_beside_its_field(learner_page, maze):
    response = learner_page.get("/levels?difficulty=lethal")
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"difficulty"}


def test_nothing_found_offers_the_way_back(learner_page, maze):
    assert "No level matches all of these filters." in text_of(learner_page.get("/levels?search=zzz"))


def test_an_empty_catalogue_is_no_error(learner_page):
    assert learner_page.get("/levels").status_code == 200


@pytest.mark.parametrize("number", [1, 10])
def test_the_catalogue_takes_the_same_statements_whatever_its_size(
    learner_page, learner, knots, play, number, django_assert_num_queries
):
    for _ in range(number):
        play(learner, LevelFactory(), score=100)
        LevelFactory(prerequisites=[LevelFactory(), LevelFactory()])
        LevelFactory(kind="mode")
    with django_assert_num_queries(12):
        learner_page.get("/levels")
