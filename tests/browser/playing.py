"""How a learner plays a level in a browser: with or without JavaScript, in each language."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from playwright.sync_api import expect

from levels.models import Question
from tests.pages.answering import fields_of
from tracking.models import LearningSession
from tracking.recording.services import Claim, complete_level

STAGE = "[data-stage]"


def enter(page, level="level-1"):
    page.goto(f"/levels/{level}/play")
    begin(page)


def begin(page):
    page.locator("form[action$='/play/start'] button").first.click()
    expect(page.locator(f"{STAGE} [data-ask]")).to_be_visible()
    page.wait_for_load_state("networkidle")  # the script may still be about to change the form
    let_time_pass()


def let_time_pass():
    """A test plays faster than any person, and what takes no time is held."""
    LearningSession.objects.open().update(start_time=F("start_time") - timedelta(minutes=3))


def question_on(page):
    return Question.objects.get(question_id=page.locator(f"{STAGE} [data-ask]").get_attribute("data-question"))


def put(page, *, rightly=True):
    """Chooses or types an answer to the question that is shown; it is not sent."""
    question = question_on(page)
    fields = fields_of(question, rightly=rightly)
    if question.kind in ("short_text", "number"):
        page.locator(f"{STAGE} [name=answer]").fill(str(fields["answer"]))
    elif page.locator(f"{STAGE} select:visible").count():
        choose(page, fields)
    elif question.kind == "ordering":
        order(page, fields)
    elif question.kind == "matching":
        match(page, fields)
    else:
        chosen = fields["answer"] if isinstance(fields["answer"], list) else [fields["answer"]]
        for value in chosen:
            page.locator(f'{STAGE} .option input[value="{value}"]').check()
    return question


def order(page, fields):
    for name, place in fields.items():
        for at in range(names_of_lines(page, ".sortable li").index(name), place - 1, -1):
            page.locator(f"{STAGE} .sortable li").nth(at).locator(".mover").first.click()


def match(page, fields):
    matches = page.locator(f"{STAGE} .matches .match")
    values = matches.evaluate_all("(buttons) => buttons.map((button) => button.match)")
    for name, value in fields.items():
        page.locator(f"{STAGE} .lines .line").nth(names_of_lines(page, ".lines .line").index(name)).click()
        matches.nth(values.index(value)).click()


def names_of_lines(page, lines):
    return page.locator(f"{STAGE} {lines}").evaluate_all("(lines) => lines.map((line) => line.field.name)")


def choose(page, fields):
    for name, value in fields.items():
        page.locator(f'{STAGE} select[name="{name}"]').select_option(str(value))


def answer(page, *, rightly=True):
    question = put(page, rightly=rightly)
    page.locator(f"{STAGE} [data-send]").click()
    return question


def answer_and_see(page, *, rightly=True):
    question = answer(page, rightly=rightly)
    expect(page.locator(f"{STAGE} [data-feedback={'right' if rightly else 'wrong'}]")).to_be_visible()
    return question


def answer_all(page, *, right=10):
    """The button that leads to the result is there afterwards."""
    number = 0
    while True:
        number += 1
        answer_and_see(page, rightly=number <= right)
        if not page.locator("[data-onward]").count():
            return
        page.locator("[data-onward]").click()
        expect(page.locator(f"{STAGE} [data-ask]")).to_be_visible()


def see_result(page):
    page.locator("[data-end] button").click()
    page.wait_for_url("**/plays/*")


def play(page, level="level-1", *, right=10):
    enter(page, level)
    answer_all(page, right=right)
    see_result(page)


def has_played(learner, level="level-1", *, score=1000):
    """Without a browser, for tests of what comes afterwards."""
    complete_level(learner=learner, claim=Claim(level=level, score=score), source="web", at=timezone.now())
