"""One play from its start to its end, by the API."""

from datetime import timedelta

import pytest

from gamification.models import LedgerEntry
from tests.factories import LevelFactory, UserFactory
from tests.tracking.plays.conftest import Player
from tests.tracking.plays.content import KINDS, QuestionFactory, on_the_wire
from tracking.models import Completion, LearningSession, PlayQuestion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


def test_a_start_shows_the_questions_and_nothing_that_is_right(player, questions):
    answer = player.start()
    body = answer.json()
    assert (answer.status_code, set(body)) == (200, {"success", "session_id", "level_id", "questions", "answered"})
    assert (body["session_id"], body["level_id"], body["answered"]) == (
        LearningSession.objects.get().pk,
        "level-3",
        [],
    )
    assert {question["question_id"] for question in body["questions"]} == {each.question_id for each in questions}
    assert {**body["questions"][0], "question_id": ""} == {
        "question_id": "",
        "kind": "true_false",
        "prompt_html": "<p>Is it <em>so</em>?</p>",
        "prompt_text": "Is it so?",
        "choices": [],
        "matches": [],
        "has_hint": False,
    }


def test_nine_of_ten_right_pay_nine_tenths_of_the_score(player, time_machine):
    player.start()
    time_machine.shift(120)
    body = player.play(right=9, wrong=1).json()
    assert {name: body[name] for name in ["right", "asked", "trust", "awarded_xp", "skills_to_practise"]} == {
        "right": 9,
        "asked": 10,
        "trust": "verified",
        "awarded_xp": 29,
        "skills_to_practise": [],
    }
    assert (body["session"]["score"], body["time_spent"], body["is_new_completion"]) == (900, 120, True)
    completion = Completion.objects.get()
    assert (completion.passed, completion.trust, completion.source) == (True, "verified", "api")
    assert completion.metadata == {"hints_used": 0, "correct_answers": 9, "total_questions": 10}
    assert LedgerEntry.objects.get().trust == "verified"


def test_a_failed_play_pays_and_completes_nothing_and_says_what_to_practise(player, questions, learner_api):
    type(questions[0]).objects.filter(pk__in=[each.pk for each in questions[:3]]).update(skill="Doubt")
    body = player.play(right=0, wrong=2).json()
    assert (body["awarded_xp"], body["right"], body["asked"]) == (0, 0, 10)
    assert body["skills_to_practise"] == ["Truth", "Doubt"]
    completion = Completion.objects.get()
    assert (completion.passed, completion.score, LedgerEntry.objects.count()) == (False, 0, 0)
    progress = learner_api.get("/api/v1/levels/progress").json()["levels"][0]
    assert (progress["status"], progress["completions"]) == ("unlocked", 1)


@pytest.mark.parametrize(("right", "passed"), [(5, False), (6, True)])
def test_sixty_percent_pass_where_the_level_says_nothing(player, right, passed):
    player.play(right=right, wrong=10 - right)
    assert Completion.objects.get().passed is passed


def test_the_pass_percent_of_the_start_decides_alone(player, level):
    level.pass_score, level.metadata = 1000, {"min_correct": 10, "total_questions": 10}
    level.pass_percent = 30
    level.save()
    player.start()
    level.pass_percent = 100
    level.save()
    assert player.play(right=3).json()["right"] == 3
    assert Completion.objects.get().passed


def test_the_score_is_rounded_down(level, learner_api):
    QuestionFactory.create_batch(3, level=level)
    assert Player(learner_api).play(right=2, wrong=1).json()["session"]["score"] == 666


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_judged(level, learner_api, kind):
    fields, right, wrong = KINDS[kind]
    first, second = (QuestionFactory(level=level, kind=kind, **fields) for _ in range(2))
    player = Player(learner_api)
    asked = {each["question_id"]: each for each in player.start().json()["questions"]}
    assert bool(asked[first.question_id]["matches"]) is (kind == "matching")
    good = player.answer(first.question_id, on_the_wire(first, right)).json()
    bad = player.answer(second.question_id, on_the_wire(second, wrong)).json()
    assert (good["correct"], bad["correct"]) == (True, False)
    assert player.answer(first.question_id, on_the_wire(first, right)).json() == good
    assert (good["answered"], good["remaining"], bad["answered"], bad["remaining"]) == (1, 1, 2, 0)
    assert (bad["explanation_html"], bad["explanation_text"]) == ("<p>It <strong>is</strong>.</p>", "It is.")


def test_the_same_answer_gets_the_same_verdict_and_another_one_a_conflict(player, questions):
    player.start()
    first = player.answer(questions[0].question_id, True).json()
    player.answer(questions[1].question_id, True)
    assert player.answer(questions[0].question_id, True).json() == first
    other = player.answer(questions[0].question_id, False)
    assert (other.status_code, other.json()["code"]) == (409, "already_answered")
    assert PlayQuestion.objects.filter(answered_at__isnull=False).count() == 2


def test_starting_again_goes_on_with_what_was_answered(player, questions, time_machine, sign_in, learner):
    first = player.start().json()
    verdict = player.answer(questions[3].question_id, False).json()
    time_machine.shift(timedelta(hours=23))
    again = Player(sign_in(learner)).start().json()
    assert {**again, "answered": []} == first
    named = {name: verdict[name] for name in ["correct", "correct_answer", "explanation_html", "explanation_text"]}
    assert again["answered"] == [{"question_id": questions[3].question_id, "answer": False, **named}]
    assert LearningSession.objects.count() == 1


def test_a_hint_is_counted_once_and_not_after_the_answer(player, questions):
    type(questions[0]).objects.update(hint="Think.")
    player.start()
    for _ in range(2):
        assert player.hint(questions[0].question_id).json() == {"success": True, "hint": "Think."}
    player.answer(questions[1].question_id, True)
    player.hint(questions[1].question_id)
    player.finish()
    assert Completion.objects.get().metadata["hints_used"] == 1


def test_a_hint_is_plain_text_and_does_not_tell_what_its_figures_show(player, questions):
    type(questions[0]).objects.update(hint="*See*:\n\n```morse\nE\n```")
    player.start()
    assert player.hint(questions[0].question_id).json()["hint"] == "See:\n\n[Dots and dashes: dot]"


def test_finishing_again_gives_the_first_answer(player):
    first = player.play(right=7).json()
    again = player.finish().json()
    assert again == {**first, "is_new_completion": False}
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_an_apps_own_session_may_be_open_beside_a_play(player, learner_api):
    session_id = learner_api.post("/api/v1/sessions/start", {"level_id": "level-3"}).json()["session_id"]
    assert player.start().json()["session_id"] != session_id
    assert learner_api.post("/api/v1/sessions/end", {"session_id": session_id, "score": 1}).status_code == 200
    assert player.finish().status_code == 200


def test_a_play_of_another_learner_is_not_found(player, questions, sign_in):
    player.start()
    other = Player(sign_in(UserFactory()))
    other.session_id = player.session_id
    question_id = questions[0].question_id
    answers = [other.answer(question_id, True), other.hint(question_id), other.finish()]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "session_not_found")] * 3


def test_a_question_of_another_level_is_not_found(player):
    other = QuestionFactory(level=LevelFactory())
    player.start()
    answers = [player.answer(other.question_id, True), player.answer("nothing", True), player.hint(other.question_id)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "question_not_found")] * 3
