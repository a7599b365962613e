"""A new learner's first days: play what comes next, fail once, and practise two days later what was missed."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from playwright.sync_api import expect

from levels.models import Level
from tests.factories import LevelFactory, QuestionFactory
from tracking.models import Completion, QuestionMemory, Review
from tracking.review.remembering import remember

from . import playing
from .conftest import PHONE
from .test_accessibility import assert_accessible
from .test_journey import has_no_sideways_scroll

MORNING = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
CYBER, CODING = ["level-1", "level-2", "level-3"], ["hello-world", "fizzbuzz", "reverse-a-string"]


def sign_up(page):
    page.goto("/sign-up")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("E-mail").fill("ana@example.test")
    page.get_by_label("Password", exact=True).fill("a quiet walk uphill")
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    page.wait_for_url("**/dashboard")


def play_on(page, level):
    """From the page before it begins to its result."""
    page.wait_for_url(f"**/levels/{level}/play")
    playing.begin(page)
    playing.answer_all(page, right=10)
    playing.see_result(page)
    expect(page.get_by_role("heading", name="Flawless!")).to_be_visible()
    expect(page.locator(".next-step")).to_be_in_viewport(ratio=1)


def test_the_first_days_of_a_learner(open_browser, time_machine):
    time_machine.move_to(MORNING)
    Level.objects.exclude(questions_per_play=None).update(questions_per_play=4)  # the test is long enough
    page = open_browser(viewport=PHONE, reduced_motion="reduce")
    sign_up(page)
    page.get_by_role("link", name="Play now").click()
    for level in CYBER:
        play_on(page, level)
        time_machine.shift(timedelta(minutes=10))
        page.locator(".next-step").click()
    for level in CODING:
        page.goto(f"/levels/{level}/play")
        play_on(page, level)
        time_machine.shift(timedelta(minutes=10))
    playing.play(page, "level-4", right=1)
    expect(page.get_by_role("heading", name="Not yet, and that is fine.")).to_be_visible()
    expect(page.get_by_role("button", name="Try again").first).to_be_in_viewport(ratio=1)
    passed = Completion.objects.filter(passed=True, held=False, trust="verified")
    assert set(passed.values_list("level__level_id", flat=True)) == {*CYBER, *CODING}
    assert QuestionMemory.objects.filter(correct=False).count() == 3

    time_machine.move_to(MORNING + timedelta(days=2))
    page.goto("/practice", wait_until="networkidle")
    missed = set(QuestionMemory.objects.filter(correct=False).values_list("question_id", flat=True))
    practised = {practise(page).pk for _ in missed}
    assert practised == missed, "what was missed comes first"
    expect(page.get_by_text("3 of 5 today")).to_be_visible()
    assert Review.objects.filter(correct=True).count() == 3


def practise(page):
    question = playing.answer_and_see(page)
    page.get_by_role("link", name="Next question").or_(page.get_by_role("link", name="Done")).click()
    page.locator("[data-stage] [data-feedback]").wait_for(state="detached")
    return question


def test_each_state_of_practice(player, catalogue):
    player.goto("/practice")
    expect(player.get_by_text("Play a level first.")).to_be_visible()
    assert_accessible(player)
    questions = QuestionFactory.create_batch(2, level=LevelFactory())
    for question in questions:
        remember(learner_id=player.learner.pk, question=question, correct=False, at=timezone.now() - timedelta(days=2))
    player.reload()
    expect(player.get_by_role("heading", name="2 questions left")).to_be_visible()
    player.get_by_text("Why is this due?").click()
    assert_accessible(player)
    assert has_no_sideways_scroll(player)
    player.get_by_role("button", name="Answer", exact=True).click()
    expect(player.get_by_role("alert")).to_be_visible()
    player.context.set_offline(True)
    playing.answer(player)
    expect(player.locator("[data-trouble]")).to_contain_text("No connection.")
    expect(player.get_by_role("heading", name="1 question left")).to_be_visible()
    player.context.set_offline(False)
    expect(player.get_by_role("status")).to_contain_text("All your answers have been sent.")
    playing.answer_and_see(player)
    assert_accessible(player)
    player.get_by_role("link", name="Done").click()
    expect(player.get_by_role("heading", name="Done for now.")).to_be_visible()
    assert_accessible(player)
    assert Review.objects.count() == 2


def test_practice_without_javascript(open_browser, sign_in_page, learner, catalogue):
    at = timezone.now() - timedelta(days=2)
    for question in QuestionFactory.create_batch(2, level=LevelFactory()):
        remember(learner_id=learner.pk, question=question, correct=False, at=at)
    page = sign_in_page(open_browser(viewport=PHONE, java_script_enabled=False), learner)
    page.goto("/practice")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    playing.answer_and_see(page)
    page.get_by_role("link", name="Next question").click()
    expect(page.get_by_role("heading", name="1 question left")).to_be_visible()
    playing.answer_and_see(page, rightly=False)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="Done for now.")).to_be_visible()
    assert list(Review.objects.order_by("pk").values_list("correct", flat=True)) == [True, False]
