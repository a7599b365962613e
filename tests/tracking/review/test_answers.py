"""Answering what is due: POST review/answer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from levels.questions.presenting import id_of
from tests.factories import LevelFactory, QuestionFactory, UserFactory
from tests.tracking.review.practising import known_question, memory_of
from tracking.models import QuestionMemory, Review
from tracking.review.memory import FIELDS, follow_answer, rating_of
from tracking.review.remembering import remember

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


def problem(answer):
    return answer["status"], answer["code"]


def test_a_right_answer_is_judged_and_paid(practise, learner):
    question, _ = known_question(learner), known_question(learner)
    assert practise(question) == {
        "success": True,
        "correct": True,
        "correct_answer": True,
        "explanation_html": "<p>It <em>is</em>.</p>",
        "explanation_text": "It is.",
        "reviewed_today": 1,
        "remaining": 1,
        "awarded_xp": 1,
        "total_awarded_xp": 1,
        "new_total_xp": 1,
        "xp_breakdown": [{"factor": "review", "value": 1}],
        "level_up": False,
        "player_level": 1,
        "title": "Novice",
        "streak": None,
        "unlocked_achievements": [],
        "unlocked_badges": [],
        "entries": [{"reason": "review", "delta": 1, "balance_after": 1}],
        "trust": "verified",
    }


def test_a_wrong_answer_is_explained_and_pays_nothing(practise, learner):
    answer = practise(known_question(learner), False)
    assert (answer["correct"], answer["correct_answer"], answer["explanation_text"]) == (False, True, "It is.")
    assert (answer["awarded_xp"], answer["entries"], answer["reviewed_today"]) == (0, [], 1)


@pytest.mark.parametrize("correct", [True, False])
def test_an_answer_changes_what_is_remembered(practise, learner, correct):
    question = known_question(learner)
    expected = memory_of(learner, question)
    follow_answer(expected, rating_of(correct=correct), timezone.now())
    practise(question, correct)
    assert QuestionMemory.objects.values(*FIELDS).get() == {name: getattr(expected, name) for name in FIELDS}


def test_the_same_answer_again_gets_the_same_and_another_one_is_refused(practise, learner, time_machine):
    question = known_question(learner, kind="number", answer=1000)
    first = practise(question, 1000)
    time_machine.shift(5 * MINUTE)
    assert [practise(question, answer) for answer in (1000, "1 000")] == [first, first]
    assert problem(practise(question, 7, status=409)) == (409, "already_answered")
    assert Review.objects.values_list("answer", "correct", "awarded_xp").get() == (1000, True, 1)


def test_a_retry_gets_the_same_although_the_question_has_changed(practise, learner):
    question = known_question(learner, kind="single_choice", choices=["a", "b"], answer="a")
    choice = id_of(question, "b")
    first = practise(question, choice)
    question.choices, question.answer = ["c", "d"], "c"
    question.save()
    assert practise(question, choice) == first


def test_a_missed_question_is_asked_again_after_ten_minutes(practise, learner, time_machine):
    question = known_question(learner)
    practise(question, False)
    time_machine.shift(10 * MINUTE - MINUTE)
    assert problem(practise(question, True, status=409)) == (409, "already_answered")
    time_machine.shift(MINUTE)
    answer = practise(question)
    assert (answer["correct"], answer["awarded_xp"], answer["reviewed_today"]) == (True, 1, 1)


def test_what_is_not_due_is_refused(practise, learner):
    assert problem(practise(known_question(learner, ago=MINUTE), status=409)) == (409, "not_due")


def test_a_question_that_was_played_since_its_review_is_not_due(practise, learner):
    question = known_question(learner)
    practise(question)
    remember(learner_id=learner.pk, question=question, correct=True, at=timezone.now() + MINUTE)
    assert problem(practise(question, status=409)) == (409, "not_due")


def test_unknown_foreign_and_hidden_questions_do_not_exist(practise, learner):
    hidden = [known_question(learner, published=False), known_question(learner, level=LevelFactory(published=False))]
    for question in ["no-such-question", QuestionFactory(), known_question(UserFactory()), *hidden]:
        assert problem(practise(question, status=404)) == (404, "question_not_found")


@pytest.mark.parametrize("wrong", [None, 1, "true", [True], {"answer": True}, {}, []])
def test_an_answer_of_another_form_is_refused_and_not_counted(practise, learner, wrong):
    question = known_question(learner)
    assert practise(question, wrong, status=400)["errors"].keys() == {"answer"}
    assert (Review.objects.count(), practise(question)["awarded_xp"]) == (0, 1)


def test_a_choice_that_is_gone_says_that_the_question_has_changed(practise, learner):
    question = known_question(learner, kind="single_choice", choices=["a", "b"], answer="a")
    assert problem(practise(question, id_of(question, "gone"), status=409)) == (409, "question_changed")
    type(question).objects.update(updated_at=timezone.now() - timedelta(days=90))
    assert problem(practise(question, id_of(question, "gone"), status=400)) == (400, "invalid_answer")


def test_nobody_answers_without_signing_in(api):
    body = {"question_id": "any", "answer": True}
    assert api.post("/api/v1/review/answer", body).status_code == 401


def test_where_nothing_is_tracked_nothing_is_reviewed(practise, learner, settings):
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    assert problem(practise(known_question(learner), status=403)) == (403, "tracking_disabled")
    assert not Review.objects.exists()
