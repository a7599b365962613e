"""The first days of a learner who reads Indonesian, on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from levels.models import Level
from tests.shipped_catalogue import load_catalogue
from tracking.models import Completion, QuestionMemory, Review

from . import playing
from .conftest import PHONE

MORNING = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
PASSED, FAILED = ["puk_u1_l1", "ppgd_u1_l1"], "sandi_u1_l1"


@pytest.fixture
def catalogue(transactional_db):
    load_catalogue(scouting=[*PASSED, FAILED])
    Level.objects.exclude(questions_per_play=None).update(questions_per_play=3)


def see(page, heading):
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "id"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def sign_up(page):
    page.goto("/sign-up", wait_until="networkidle")
    page.get_by_label("Nama").fill("ana")
    page.get_by_label("Surel").fill("ana@example.test")
    page.get_by_label("Kata sandi", exact=True).fill("a quiet walk uphill")
    page.get_by_role("main").get_by_role("button", name="Daftar").click()
    see(page, "Selamat datang, ana")


def speak(page, language, saved):
    page.goto("/profile")
    page.locator("[name=language]").select_option(language)
    page.locator("main form button").first.click()
    expect(page.get_by_text(saved)).to_be_visible()


def test_the_first_days_of_a_learner_in_indonesian(open_browser, time_machine):
    time_machine.move_to(MORNING)
    page = open_browser(viewport=PHONE, reduced_motion="reduce", locale="id-ID")
    sign_up(page)
    for level in PASSED:
        playing.play(page, level)
        see(page, "Sempurna!")
    playing.play(page, FAILED, right=0)
    see(page, "Belum, dan itu tidak apa-apa.")
    assert set(Completion.objects.filter(passed=True).values_list("level__level_id", flat=True)) == set(PASSED)

    time_machine.move_to(MORNING + timedelta(days=2))
    missed = QuestionMemory.objects.filter(correct=False).count()
    page.goto("/practice")
    see(page, f"Tinggal {missed} soal lagi")
    for _ in range(missed):
        playing.answer_and_see(page)
        page.locator("[data-onward]").click()
        page.locator("[data-stage] [data-feedback]").wait_for(state="detached")
    see(page, "Selesai untuk sekarang.")
    assert Review.objects.filter(correct=True).count() == missed

    page.goto("/nowhere")
    see(page, "Kamu keluar dari jalur")
    speak(page, "en", "Saved.")
    expect(page.get_by_role("heading", name="Your choices")).to_be_visible()
    speak(page, "id", "Tersimpan.")
    see(page, "Pilihanmu")
