"""Lines dragged into order; sounds and vibration for those who switch them on."""

import pytest
from playwright.sync_api import expect

from levels.models import Level
from tests.pages.answering import fields_of

from . import playing
from .conftest import PHONE

# Both are silent in a test; what they are asked for is kept.
STUBS = """(() => {
  globalThis.asked = [];
  Object.defineProperty(navigator, "vibrate", { value: (pulses) => asked.push(["vibrate", ...pulses]) });
  const node = (more) => ({ connect: (next) => next, ...more });
  globalThis.AudioContext = class {
    currentTime = 0;
    createGain = () => node({ gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} } });
    createOscillator() {
      const frequency = {};
      return node({ frequency, start: () => asked.push(["tone", frequency.value]), stop() {} });
    }
  };
})()"""
RIGHT = [["tone", 660], ["tone", 880], ["vibrate", 20]]
WRONG = [["tone", 233], ["vibrate", 40, 50, 40]]


@pytest.fixture
def page(open_browser, sign_in_page, learner):
    """Of a phone that plays a level whose questions are all about order."""
    level = Level.objects.get(level_id="level-1")
    level.questions.exclude(kind="ordering").update(published=False)
    Level.objects.filter(pk=level.pk).update(questions_per_play=2)
    page = open_browser(viewport=PHONE, is_mobile=True, has_touch=True, reduced_motion="reduce")
    page.add_init_script(STUBS)
    sign_in_page(page, learner)
    playing.enter(page)
    return page


def drag(page, name, place):
    """The line of this field by its grip, to this place from the top."""
    lines = page.locator("[data-stage] .sortable li")
    page.locator("[data-stage] .sortable").scroll_into_view_if_needed()
    grip = lines.nth(playing.names_of_lines(page, ".sortable li").index(name)).locator(".grip").bounding_box()
    x = grip["x"] + grip["width"] / 2
    page.mouse.move(x, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(x, lines.nth(place).bounding_box()["y"] + 2, steps=20)
    page.mouse.up()


def asked(page):
    return page.evaluate("asked.splice(0)")


def test_lines_are_dragged_into_order(page):
    fields = fields_of(playing.question_on(page))
    for place, name in enumerate(fields):
        drag(page, name, place)
    assert playing.names_of_lines(page, ".sortable li") == list(fields)
    page.locator("[data-send]").click()
    expect(page.get_by_role("heading", name="Right!")).to_be_visible()


def test_sounds_and_vibration_come_only_when_they_are_switched_on(page):
    playing.answer_and_see(page)
    assert asked(page) == []
    for name in ("Sound", "Vibration"):
        switch = page.get_by_role("button", name=name)
        expect(switch).to_have_attribute("aria-pressed", "false")
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", "true")
    assert asked(page) == [*RIGHT[:2], *RIGHT]
    page.get_by_role("link", name="Next question").click()
    playing.answer_and_see(page, rightly=False)
    assert asked(page) == WRONG
