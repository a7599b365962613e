"""Learners play levels and practise, in a real browser: with and without JavaScript, on phone and desktop."""

import pytest
from playwright.sync_api import expect

from levels.models import Level
from tests.factories import QuestionFactory
from tests.levels.questions.examples import EVERY_KIND
from tracking.models import Completion, LearningSession, PlayQuestion

from . import playing
from .conftest import DESKTOP, PHONE
from .test_accessibility import assert_accessible


def has_no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


FIGURES = """What is this?

```semaphore
JAMBORE SIAP
```

```morse
SOS 2026
```

```kotak-3
PRAMUKA
```

```bearing
125
```

```contours
100 120 140
```

```sketch-map
camp 2 3
you 10 0
```"""


@pytest.fixture
def quiz(catalogue):
    """level-1 with one question of each kind; one shows figures."""
    level = Level.objects.get(level_id="level-1")
    level.questions.update(published=False)
    Level.objects.filter(pk=level.pk).update(questions_per_play=None)
    for number, fields in enumerate(EVERY_KIND):
        kind = fields["kind"]
        shown = {"prompt": FIGURES} if kind == "true_false" else {}
        QuestionFactory(level=level, position=number, question_id=f"q-{kind}", skill=kind, **fields, **shown)
    return level


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def page(request, open_browser, sign_in_page, learner):
    return sign_in_page(open_browser(viewport=request.param, reduced_motion="reduce"), learner)


def test_every_kind_is_played_and_each_state_can_be_used_by_everybody(page, quiz):
    page.goto("/levels/level-1/play")
    assert_accessible(page)
    playing.begin(page)
    for number in range(1, 8):
        expect(page.get_by_role("heading", name=f"Question {number} of 7")).to_be_focused()
        page.get_by_role("button", name="Give me a hint").click()
        expect(page.locator("[data-stage] [data-hint]")).to_contain_text("Count.")
        assert_accessible(page)
        assert has_no_sideways_scroll(page)
        playing.answer_and_see(page, rightly=number != 2)
        expect(page.get_by_role("status")).to_contain_text("It is.")
        if number in (1, 2):
            assert_accessible(page)
        if number < 7:
            page.keyboard.press("Enter")
    playing.see_result(page)
    expect(page.get_by_role("heading", name="Passed!")).to_be_visible()
    expect(page.locator(".prize")).to_be_in_viewport(ratio=1)
    expect(page.locator(".next-step")).to_be_in_viewport(ratio=1)
    page.get_by_text("Why this much").click()
    assert_accessible(page)
    assert has_no_sideways_scroll(page)
    completion = Completion.objects.get()
    assert (completion.score, completion.trust, completion.metadata["hints_used"]) == (857, "verified", 7)


def test_without_javascript_every_kind_is_played(open_browser, sign_in_page, learner, quiz):
    page = sign_in_page(open_browser(viewport=PHONE, java_script_enabled=False), learner)
    playing.enter(page)
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    playing.answer_all(page, right=2)
    playing.see_result(page)
    expect(page.get_by_role("heading", name="Not yet, and that is fine.")).to_be_visible()
    expect(page.get_by_text("Practise these")).to_be_visible()
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_role("heading", name="Question 1 of 7")).to_be_visible()


def test_an_answer_that_is_missing_and_a_failed_play_can_be_read_by_everybody(player, quiz):
    quiz.questions.filter(kind="ordering").update(published=False)  # some order is always there
    playing.enter(player)
    player.get_by_role("button", name="Answer", exact=True).click()
    expect(player.get_by_role("alert")).to_contain_text("Something is still missing.")
    assert_accessible(player)
    playing.answer_all(player, right=1)
    playing.see_result(player)
    expect(player.get_by_role("heading", name="Not yet, and that is fine.")).to_be_visible()
    assert_accessible(player)
    assert player.locator("[data-gain]").count() == 0


def test_by_keys_alone(player, quiz):
    quiz.questions.exclude(kind__in=["true_false", "single_choice"]).update(published=False)
    playing.enter(player)
    for number in (1, 2):
        expect(player.get_by_role("heading", name=f"Question {number} of 2")).to_be_focused()
        player.keyboard.press("1")
        expect(player.locator("[data-stage] .option input").first).to_be_checked()
        player.keyboard.press("Enter")
        expect(player.locator("[data-stage] [data-feedback] h2")).to_be_focused()
        player.keyboard.press("Enter")
    player.wait_for_url("**/plays/*")


def test_it_goes_on_after_a_reload_in_another_tab_and_on_another_device(player, quiz, open_browser, sign_in_page):
    quiz.questions.exclude(kind__in=["short_text", "number"]).update(published=False)
    playing.enter(player)
    player.locator("[data-stage] [name=answer]").fill("half an ans")
    player.reload()
    expect(player.locator("[data-stage] [name=answer]")).to_have_value("half an ans")
    other = sign_in_page(open_browser(), player.learner)
    other.goto("/levels/level-1/play")
    question = playing.answer_and_see(other)
    playing.put(player, rightly=False)
    player.get_by_role("button", name="Answer", exact=True).click()
    expect(player.locator("[data-stage]")).to_contain_text("You had answered this one already")
    assert PlayQuestion.objects.get(question=question).correct
    player.get_by_role("link", name="Next question").click()
    expect(player.get_by_role("heading", name="Question 2 of 2")).to_be_visible()


def test_a_lost_line_costs_nothing_and_what_was_kept_is_sent_later(player, quiz):
    playing.enter(player)
    playing.answer_and_see(player)
    player.get_by_role("link", name="Next question").click()
    player.context.set_offline(True)
    for number in (2, 3):
        expect(player.get_by_role("heading", name=f"Question {number} of 7")).to_be_visible()
        playing.answer(player)
    expect(player.get_by_role("heading", name="Question 4 of 7")).to_be_visible()
    expect(player.locator("[data-trouble]")).to_contain_text("No connection.")
    assert_accessible(player)
    assert PlayQuestion.objects.exclude(answered_at=None).count() == 1
    player.context.set_offline(False)
    expect(player.get_by_role("status")).to_contain_text("All your answers have been sent.")
    assert PlayQuestion.objects.filter(correct=True).count() == 3


def test_who_was_signed_out_goes_on_and_signs_in_later(player, quiz, sign_in_page):
    playing.enter(player)
    player.context.clear_cookies(name="sessionid")
    playing.answer(player)
    expect(player.locator("[data-trouble]")).to_contain_text("You have been signed out.")
    with player.expect_popup() as popup:
        player.get_by_role("link", name="Sign in (new tab)").click()
    sign_in_page(popup.value, player.learner)
    player.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(player.get_by_role("status")).to_contain_text("All your answers have been sent.")
    assert PlayQuestion.objects.filter(correct=True).count() == 1


def test_a_play_is_finished_without_a_connection_and_judged_later(player, quiz):
    playing.enter(player)
    player.context.set_offline(True)
    for number in range(1, 8):
        expect(player.get_by_role("heading", name=f"Question {number} of 7")).to_be_visible()
        playing.answer(player)
    expect(player.get_by_role("heading", name="All questions are answered.")).to_be_focused()
    player.get_by_role("button", name="See my result").click()
    expect(player.locator("[data-trouble]")).to_contain_text("Saved on this device")
    assert LearningSession.objects.get().status == "open"
    player.context.set_offline(False)
    player.wait_for_url("**/plays/*")
    expect(player.get_by_text("7 of 7 right")).to_be_visible()
    assert Completion.objects.get().trust == "offline"


def test_a_double_click_on_everything_counts_once(player, quiz):
    quiz.questions.exclude(kind="true_false").update(published=False)
    playing.enter(player)
    playing.put(player)
    player.get_by_role("button", name="Answer", exact=True).dblclick()
    expect(player.get_by_role("heading", name="Right!")).to_be_visible()
    player.get_by_role("button", name="See my result").dblclick()
    player.wait_for_url("**/plays/*")
    assert Completion.objects.count() == 1


def test_confetti_falls_once_for_a_gain(open_browser, sign_in_page, learner, quiz):
    quiz.questions.exclude(kind="true_false").update(published=False)
    page = sign_in_page(open_browser(), learner)
    playing.play(page)
    page.wait_for_selector(".confetti", state="attached")
    page.reload()
    expect(page.get_by_role("heading", name="Flawless!")).to_be_visible()
    assert page.locator(".confetti").count() == 0
