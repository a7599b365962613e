"""Real threads: an answer is judged once and a play is paid once. The proof is the run on PostgreSQL."""

import pytest

from gamification.models import LedgerEntry
from tests.threads import at_once, posting
from tests.tracking.plays.content import QuestionFactory
from tracking.models import Completion, LearningSession, PlayQuestion, QuestionMemory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unlimited")]

THREADS = 8


@pytest.fixture
def play(learner_api, level):
    """`play(question)` starts a play of the level; `play.path(call)` is where to post."""
    QuestionFactory.create_batch(3, level=level)
    body = learner_api.post("/api/v1/levels/level-3/play").json()
    return body["session_id"], [question["question_id"] for question in body["questions"]]


def bodies(answers):
    return [{**answer.json(), "request_id": None, "server_time": None} for answer in answers]


def test_of_32_answers_to_one_question_one_counts(learner_api, play):
    session_id, (question_id, *_) = play
    path = f"/api/v1/plays/{session_id}/answer"
    calls = [
        posting(learner_api, path, {"question_id": question_id, "answer": bool(number % 2)}) for number in range(32)
    ]
    answers = at_once(calls)
    assert sorted(answer.status_code for answer in answers) == [200] * 16 + [409] * 16
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"already_answered"}
    good = [body for body in bodies(answers) if body["success"]]
    assert good == [good[0]] * 16
    assert (good[0]["answered"], good[0]["remaining"]) == (1, 2)
    assert PlayQuestion.objects.filter(answered_at__isnull=False).count() == 1
    assert QuestionMemory.objects.get().correct is good[0]["correct"]


def test_answers_to_several_questions_at_once_are_counted_one_after_the_other(learner_api, play):
    session_id, asked = play
    path = f"/api/v1/plays/{session_id}/answer"
    answers = at_once([posting(learner_api, path, {"question_id": each, "answer": True}) for each in asked])
    assert sorted(body["answered"] for body in bodies(answers)) == [1, 2, 3]


def test_finishes_at_once_pay_once(learner_api, play):
    session_id, asked = play
    for question_id in asked:
        learner_api.post(f"/api/v1/plays/{session_id}/answer", {"question_id": question_id, "answer": True})
    answers = at_once([posting(learner_api, f"/api/v1/plays/{session_id}/finish", {}) for _ in range(THREADS)])
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["is_new_completion"] for answer in answers) == 1
    assert len({answer.json()["awarded_xp"] for answer in answers}) == 1
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_an_answer_while_the_play_is_finished_counts_or_is_refused(learner_api, play):
    session_id, asked = play
    path = f"/api/v1/plays/{session_id}"
    calls = [posting(learner_api, f"{path}/answer", {"question_id": each, "answer": True}) for each in asked]
    *answers, finish = at_once([*calls, posting(learner_api, f"{path}/finish", {})])
    taken = sum(answer.status_code == 200 for answer in answers)
    assert {answer.json()["code"] for answer in answers if answer.status_code != 200} <= {"play_finished"}
    assert (finish.json()["right"], finish.json()["asked"]) == (taken, 3)
    assert PlayQuestion.objects.filter(correct=True).count() == taken


def test_starts_at_once_open_one_play(learner_api, level):
    QuestionFactory.create_batch(12, level=level)
    answers = at_once([posting(learner_api, "/api/v1/levels/level-3/play", {}) for _ in range(THREADS)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({str(body["questions"]) for body in bodies(answers)}) == 1
    assert (LearningSession.objects.count(), PlayQuestion.objects.count()) == (1, 12)
