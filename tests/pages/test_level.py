import pytest
from django.utils import timezone
from pytest_django.asserts import assertRedirects

from levels.services import set_prerequisites
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion
from tracking.recording.services import refuse_completion

from .html import elements_of, text_of

pytestmark = pytest.mark.django_db


def links_of(response):
    return [attrs.get("href") for tag, attrs in elements_of(response) if tag == "a"]


@pytest.mark.parametrize("path", ["/levels/level-1", "/levels/level-1/play"])
def test_anonymous_visitors_are_redirected_to_sign_in(client, path):
    assertRedirects(client.get(path), f"/sign-in?next={path}")


def test_a_level_says_what_it_is_and_how_it_pays(learner_page, maze):
    response = learner_page.get("/levels/level-1")
    text = text_of(response)
    assert "Open Simulation Play here The Misinformation Maze" in text
    assert "Difficulty Easy Takes about 15 minutes Highest score 1000" in text
    assert "How it pays. The higher your score, the more XP;" in text
    assert "What you practise Fact Checking" in text
    assert "You have not played this level yet." in text
    assert "/levels/level-1/play" in links_of(response)


def test_my_own_completions_are_listed_newest_first(learner_page, learner, maze, play):
    play(learner, maze, score=700, hints_used=1)
    play(learner, maze, score=900, hints_used=0)
    play(UserFactory(), maze, score=1000)
    text = text_of(learner_page.get("/levels/level-1"))
    assert "Best score 900 Fastest 1 min 40 s XP from it 25" in text
    assert text.index("900 of 1000") < text.index("700 of 1000")
    assert "1000 of 1000" not in text


def test_old_results_are_shown_with_their_own_maximum(learner_page, learner, maze, play):
    play(learner, maze, score=850)
    maze.max_score = 100
    maze.save()
    assert "Best score 850 of 1000" in text_of(learner_page.get("/levels/level-1"))
    assert "My best: 850 of 1000" in text_of(learner_page.get("/levels"))


def test_a_completed_level_can_be_played_again_whatever_it_requires_since(learner_page, learner, maze, report):
    required = LevelFactory(name="New requirement")
    app_only = LevelFactory()
    for level in [maze, app_only]:
        report(learner, level, score=850)
        set_prerequisites(level=level, needed=[required])
    assert "Play again" in text_of(learner_page.get("/levels/level-1"))
    assert learner_page.get("/levels/level-1/play").status_code == 200
    text = text_of(learner_page.get(f"/levels/{app_only.level_id}"))
    assert "You play this one in your learning app." in text
    assert "This opens when you have finished" not in text


def test_a_mode_that_was_passed_stays_open(learner_page, learner, report):
    mode = LevelFactory(kind="mode")
    report(learner, mode, score=850)
    mode.unlocked = False
    mode.save()
    assert "This level is not open yet." not in text_of(learner_page.get(f"/levels/{mode.level_id}"))
    assert report(learner, mode, score=900)["awarded_xp"]


def test_held_and_failed_completions_say_so(learner_page, learner, report):
    strict = LevelFactory(pass_score=50, metadata={"min_seconds": 60})
    report(learner, strict, score=10, time_spent=100)
    report(learner, strict, score=90, time_spent=5)
    text = text_of(learner_page.get(f"/levels/{strict.level_id}"))
    assert "not passed 0 XP" in text
    assert "waiting for a check by our staff 0 XP" in text


def test_a_refused_completion_waits_no_longer(learner_page, learner, report):
    strict = LevelFactory(metadata={"min_seconds": 60})
    report(learner, strict, score=90, time_spent=5)
    refuse_completion(Completion.objects.get(), at=timezone.now())
    text = text_of(learner_page.get(f"/levels/{strict.level_id}"))
    assert "not counted after a check by our staff 0 XP" in text
    assert "waiting" not in text


def test_a_locked_level_names_what_opens_it(learner_page, maze):
    locked = LevelFactory(prerequisites=[maze])
    response = learner_page.get(f"/levels/{locked.level_id}")
    assert "This opens when you have finished The Misinformation Maze ." in text_of(response)
    assert "/levels/level-1" in links_of(response)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"coming_soon": True}, "We are still building this one."),
        ({"unlocked": False}, "This level is not open yet."),
        ({}, "You play this one in your learning app."),
        ({"kind": "mode"}, "You play this one in your learning app."),
        ({"xp_rule": "fixed"}, "You get all the XP when you pass. It pays once;"),
    ],
)
def test_every_kind_of_level_has_a_page(learner_page, facts, text):
    level = LevelFactory(**facts)
    response = learner_page.get(f"/levels/{level.level_id}")
    assert text in text_of(response)
    assert f"/levels/{level.level_id}/play" not in links_of(response)


@pytest.mark.parametrize("path", ["/levels/nowhere", "/levels/nowhere/play", "/levels/draft", "/levels/plain/play"])
def test_what_is_not_there_is_not_found(learner_page, path):
    LevelFactory(level_id="draft", published=False)
    LevelFactory(level_id="plain")
    response = learner_page.get(path)
    assert response.status_code == 404
    assert "You have left the trail" in text_of(response)


def test_a_locked_game_leads_to_the_page_that_says_why(learner_page, maze):
    maze.prerequisites.add(LevelFactory())
    assertRedirects(learner_page.get("/levels/level-1/play"), "/levels/level-1")


@pytest.mark.parametrize("times", [1, 20])
def test_a_level_takes_the_same_statements_whatever_the_history(
    learner_page, learner, maze, play, times, django_assert_num_queries
):
    for _ in range(times):
        play(learner, maze, score=500)
    with django_assert_num_queries(10):
        learner_page.get("/levels/level-1")


def test_a_level_without_skills_shows_those_of_its_questions(learner_page, ask):
    knots = LevelFactory(level_id="knots")
    for number, skill in enumerate(["Reef knot", "Bowline", "Reef knot", ""]):
        ask(knots, question_id=f"question-{number}", skill=skill)
    ask(knots, question_id="withdrawn", skill="Clove hitch", published=False)
    assert "What you practise Bowline Reef knot My results" in text_of(learner_page.get("/levels/knots"))
