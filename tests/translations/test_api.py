"""The API answers with the texts of a row in the language of the request, and takes no further statement for it."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.staff.awards import award_badge
from levels.models import Level
from tests.factories import LevelFactory
from tests.tracking.plays.content import QuestionFactory
from tracking.review.remembering import remember

from .conftest import LEVEL_IN_ENGLISH

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("question")]


@pytest.fixture
def get(learner_api, speak):
    def get(path, language):
        answer = speak(learner_api, language).get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        return answer

    return get


def part_of(body, path):
    for name in path.split("."):
        body = body[int(name)] if name.isdigit() else body[name]
    return body


@pytest.mark.parametrize(
    ("path", "names", "texts"),
    [
        ("levels/morse-1", ["name", "description", "estimated_time", "skills"], ["Morse Code", "Dots and dashes"]),
        ("levels/progress", ["levels.0.name"], ["Morse Code"]),
        ("training/sections/sandi/path", ["section_title", "units.0.unit_title"], ["Codes", "Morse code"]),
        ("gamification/achievements", ["results.0.name", "results.0.description"], ["A start", "Begin"]),
        ("gamification/achievements/progress", ["results.0.name"], ["A start"]),
        ("badges", ["results.0.name", "results.0.description"], ["A badge", "Begin"]),
        ("badges/me", ["results.0.name", "results.0.description"], ["A badge", "Begin"]),
    ],
)
def test_texts_follow_the_language(get, learner, achievement, badge, path, names, texts):
    award_badge(learner_id=learner.pk, badge=badge, actor=None, at=timezone.now())

    def read(language):
        with CaptureQueriesContext(connection) as statements:
            body = get(path, language).json()
        return [part_of(body, name) for name in names], len(statements)

    read("en")  # fills caches
    (indonesian, cost), (english, cost_in_english) = read("id"), read("en")
    assert english[: len(texts)] == texts
    assert all(one != other for one, other in zip(indonesian, english, strict=True))
    assert cost == cost_in_english


@pytest.mark.parametrize("path", ["levels/morse-1", "levels"])
def test_caches_keep_the_languages_apart(get, learner_api, path):
    answers = [get(path, language) for language in ("id", "en", "id")]
    tags = [answer["ETag"] for answer in answers]
    assert tags[0] == tags[2] != tags[1]
    assert [answer["Content-Language"] for answer in answers] == ["id", "en", "id"]
    assert all("Accept-Language" in answer["Vary"] for answer in answers)
    assert learner_api.get(f"/api/v1/{path}", HTTP_IF_NONE_MATCH=tags[0]).status_code == 304
    assert learner_api.get(f"/api/v1/{path}", HTTP_IF_NONE_MATCH=tags[1]).status_code == 200


@pytest.mark.parametrize("word", ["sandi mor", "MORSE CODE", "dashes", "titik"])
def test_a_search_finds_words_of_any_language(get, word):
    found = get(f"levels?search={word}", "id").json()["results"]
    assert [level["level_id"] for level in found] == ["morse-1"]


def test_editors_read_and_write_the_own_texts_whatever_their_language(staff_api, speak):
    editor, url = speak(staff_api, "en"), "/api/v1/levels/morse-1"
    read = editor.get(url).json()
    assert (read["name"], read["language"], read["translations"]) == ("Sandi Morse", "id", {"en": LEVEL_IN_ENGLISH})
    translations = {"en": LEVEL_IN_ENGLISH | {"name": "Morse"}}
    saved = editor.patch(url, {"name": "Morse 1", "translations": translations})
    assert (saved.status_code, saved.json()["translations"]) == (200, translations)
    assert Level.objects.values_list("name", "translations").get() == ("Morse 1", translations)
    refused = editor.patch(url, {"skills": ["Sandi", "Isyarat"]})
    message = "en: skills: Give as many entries as in the row's own language: 2."
    assert (refused.status_code, refused.json()["errors"]) == (400, {"translations": [message]})


@pytest.mark.parametrize("name", ["Sandi Morse", "Morse Code"])
def test_a_session_starts_by_the_name_in_any_language(learner_api, name):
    answer = learner_api.post("/api/v1/sessions/start", {"session_name": name})
    assert (answer.status_code, answer.json()["level_id"]) == (200, "morse-1")


def test_a_name_in_another_language_that_two_levels_have_means_neither(learner_api, level):
    LevelFactory(level_id="other", translations={"id": {"name": "Morse Code"}})
    assert learner_api.post("/api/v1/sessions/start", {"session_name": "Morse Code"}).status_code == 400
    LevelFactory(level_id="own", name="Morse Code")
    answer = learner_api.post("/api/v1/sessions/start", {"session_name": "Morse Code"})
    assert answer.json()["level_id"] == "own"


def test_learners_never_get_all_translations_at_once(get):
    for body in (get("levels/morse-1", "id").json(), get("levels", "id").json()["results"][0]):
        assert body.keys().isdisjoint({"language", "translations"})


def test_a_play_begun_in_one_language_goes_on_in_the_other(learner_api, speak):
    def post(path, language, body=None):
        answer = speak(learner_api, language).post(f"/api/v1/{path}", body)
        assert answer.status_code == 200, answer.content
        return answer.json()

    play = post("levels/morse-1/play", "id")
    (asked,) = play["questions"]
    assert asked["prompt_text"] == "Apa kode E?"
    assert post("levels/morse-1/play", "en")["questions"][0]["prompt_text"] == "What is E?"
    path = f"plays/{play['session_id']}"
    assert post(f"{path}/hint", "en", {"question_id": "e"})["hint"] == "Short"
    answer = {"question_id": "e", "answer": "TITIK"}
    told = [post(f"{path}/answer", language, answer) for language in ("en", "id")]
    assert [verdict["correct"] for verdict in told] == [True, True]
    assert [verdict["correct_answer"] for verdict in told] == ["dot", "titik"]
    assert [verdict["explanation_text"] for verdict in told] == ["One dot.", "Satu titik."]
    assert post(f"{path}/finish", "en")["right"] == 1


def test_skills_are_named_in_the_language_and_counted_once(get, learner, level):
    question = level.questions.get()
    other = QuestionFactory(level=level, skill="Sandi", language="id")
    with transaction.atomic():
        for one in (question, other):
            remember(learner_id=learner.pk, question=one, correct=True, at=timezone.now())
    for language, name in {"en": "Ciphers", "id": "Sandi"}.items():
        assert get("skills/me", language).json()["skills"] == [
            {"skill": name, "questions": 2, "known": 2, "remembered": 2, "percent": 100}
        ]
