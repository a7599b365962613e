"""A small catalogue in Indonesian, translated into English."""

import pytest

from levels.models import Section
from tests.factories import LevelFactory
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory
from tests.tracking.plays.content import QuestionFactory

LEVEL = {"name": "Sandi Morse", "description": "Titik dan garis", "estimated_time": "5 menit", "skills": ["Sandi"]}
LEVEL_IN_ENGLISH = {"name": "Morse Code", "description": "Dots and dashes", "estimated_time": "5 minutes"}
LEVEL_IN_ENGLISH |= {"skills": ["Ciphers"]}
QUESTION = {"prompt": "Apa kode E?", "answer": "titik", "accept": [], "hint": "Pendek", "explanation": "Satu titik."}
QUESTION |= {"skill": "Sandi"}
QUESTION_IN_ENGLISH = {"prompt": "What is E?", "answer": "dot", "hint": "Short", "explanation": "One dot."}
QUESTION_IN_ENGLISH |= {"skill": "Ciphers"}


@pytest.fixture
def section(db):
    section = Section.objects.create(
        section_id="sandi", title="Sandi", language="id", translations={"en": {"title": "Codes"}}
    )
    section.units.create(unit_id="morse", title="Morse", language="id", translations={"en": {"title": "Morse code"}})
    return section


@pytest.fixture
def level(section):
    place = {"category": section.section_id, "unit": "morse", "kind": "training"}
    translations = {"en": LEVEL_IN_ENGLISH}
    return LevelFactory(level_id="morse-1", **place, **LEVEL, language="id", translations=translations)


@pytest.fixture
def question(level):
    fields = {**QUESTION, "kind": "short_text", "question_id": "e", "language": "id"}
    return QuestionFactory(level=level, **fields, translations={"en": QUESTION_IN_ENGLISH})


@pytest.fixture
def achievement(db):
    texts = {"name": "Awal", "description": "Mulai"}
    translations = {"en": {"name": "A start", "description": "Begin"}}
    return AchievementFactory(achievement_id="start", **texts, language="id", translations=translations)


@pytest.fixture
def badge(db):
    texts = {"name": "Lencana", "description": "Mulai"}
    return BadgeFactory(**texts, language="id", translations={"en": {"name": "A badge", "description": "Begin"}})


@pytest.fixture
def speak():
    """`speak(client, "id")` makes a client's requests ask for Indonesian."""

    def speak(client, language):
        client.defaults = {"HTTP_ACCEPT_LANGUAGE": language}
        return client

    return speak
