"""Pages show the texts of a row in the learner's language."""

import pytest
from django.utils import timezone

from gamification.staff.awards import award_badge
from tests.pages.answering import PagePlayer
from tests.pages.html import text_of
from tracking.models import PlayQuestion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("question")]


@pytest.fixture
def read(client, learner, speak):
    """The text of a page in a language."""
    client.force_login(learner)

    def read(path, language):
        learner.language = language
        learner.save(update_fields=["language"])
        answer = speak(client, language).get(path)
        assert answer.status_code == 200, path
        return text_of(answer)

    return read


@pytest.mark.parametrize(
    ("path", "english", "indonesian"),
    [
        ("/levels", ["Morse Code", "Codes", "Morse code"], ["Sandi Morse", "Sandi", "Morse"]),
        (
            "/levels/morse-1",
            ["Morse Code", "Dots and dashes", "5 minutes", "Ciphers"],
            ["Sandi Morse", "Titik dan garis"],
        ),
        ("/paths/sandi", ["Codes", "Morse code", "Morse Code"], ["Sandi", "Sandi Morse"]),
        ("/levels/morse-1/play", ["Morse Code", "Dots and dashes"], ["Sandi Morse", "Titik dan garis"]),
        ("/achievements", ["A start", "Begin", "A badge"], ["Awal", "Mulai", "Lencana"]),
        ("/dashboard", ["Morse Code", "A start"], ["Sandi Morse", "Awal"]),
    ],
)
def test_a_page_is_in_one_language(read, learner, achievement, badge, path, english, indonesian):
    award_badge(learner_id=learner.pk, badge=badge, actor=None, at=timezone.now())
    shown = {language: read(path, language) for language in ("en", "id")}
    assert all(text in shown["en"] for text in english), shown["en"]
    assert all(text in shown["id"] for text in indonesian), shown["id"]
    own = [text for text in indonesian if text not in {"Sandi", "Morse"}]
    assert not any(text in shown["en"] for text in own)


def test_a_play_changes_its_language_with_the_learner(client, learner, speak, level):
    client.force_login(learner)

    def player(language):
        learner.language = language
        learner.save(update_fields=["language"])
        return PagePlayer(speak(client, language), level.level_id)

    assert "Apa kode E?" in text_of(player("id").begin())
    assert "What is E?" in text_of(player("en").look())
    row = PlayQuestion.objects.get()
    answered = text_of(player("en").answer(row, answer="garis"))
    assert all(text in answered for text in ["dot", "One dot."]), answered
    result = text_of(player("id").finish(row.play))
    assert all(text in result for text in ["Sandi Morse", "Apa kode E?", "titik", "Satu titik."]), result
