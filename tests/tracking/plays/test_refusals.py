"""What plays refuse, and what levels refuse on which only plays count."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from levels.questions.presenting import id_of
from tests.factories import LevelFactory
from tests.tracking.plays.conftest import Player
from tests.tracking.plays.content import KINDS, QuestionFactory
from tracking.models import Completion, LearningSession, PlayQuestion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

REPORTS = {
    "/api/v1/levels/complete": {"level_id": "level-3", "score": 900},
    "/api/v1/training/progress/submit": {
        "level_id": "level-3",
        "score": 900,
        "total_questions": 5,
        "correct_answers": 5,
    },
}


def outcome(answer):
    return answer.status_code, answer.json().get("code")


@pytest.mark.parametrize(
    ("level_id", "expected"),
    [
        ("next", (403, "level_locked")),
        ("empty", (409, "level_has_no_content")),
        ("draft", (404, "level_not_found")),
        ("nowhere", (404, "level_not_found")),
    ],
)
def test_a_play_needs_an_open_level_with_questions(learner_api, level, level_id, expected):
    QuestionFactory(level=LevelFactory(level_id="next", prerequisites=[level]))
    QuestionFactory(level=LevelFactory(level_id="empty"), published=False)
    QuestionFactory(level=LevelFactory(level_id="draft", published=False))
    assert outcome(Player(learner_api, level_id).start()) == expected
    assert LearningSession.objects.count() == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [{}, [], "", "nothing", [["a"]], {"a": {}}, [1], "x" * 501, ["x"] * 50])
def test_what_is_no_answer_is_refused_and_does_not_count(level, learner_api, kind, answer):
    question = QuestionFactory(level=level, kind=kind, **KINDS[kind][0])
    player = Player(learner_api)
    player.start()
    refused = player.answer(question.question_id, answer)
    if kind == "short_text" and answer == "nothing":
        assert refused.status_code == 200
        return
    assert outcome(refused) == (400, "invalid_answer")
    assert set(refused.json()["errors"]) == {"answer"}
    assert PlayQuestion.objects.get().answered_at is None


@pytest.mark.parametrize("body", [{}, {"question_id": "a"}, {"question_id": "a", "answer": None}, {"answer": True}])
def test_a_body_without_a_question_or_an_answer_is_refused(player, body):
    player.start()
    assert player.client.post(f"/api/v1/plays/{player.session_id}/answer", body).status_code == 400


def test_after_the_finish_no_answer_and_no_new_hint_is_taken(player, questions):
    type(questions[0]).objects.update(hint="Think.")
    player.start()
    first = player.answer(questions[0].question_id, True).json()
    player.finish()
    assert outcome(player.answer(questions[1].question_id, True)) == (409, "play_finished")
    assert outcome(player.hint(questions[1].question_id)) == (409, "play_finished")
    assert player.answer(questions[0].question_id, True).json() == first


def test_a_question_without_a_hint_has_none(player, questions):
    player.start()
    assert outcome(player.hint(questions[0].question_id)) == (404, "no_hint")


def test_a_choice_that_was_changed_meanwhile_asks_to_load_the_play_again(level, learner_api, time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)
    question = QuestionFactory(level=level, kind="single_choice", choices=["red", "blue"], answer="red")
    player = Player(learner_api)
    player.start()
    red = id_of(question, "red")
    time_machine.shift(10)
    question.choices, question.answer = ["crimson", "blue"], "crimson"
    question.save()
    assert outcome(player.answer(question.question_id, red)) == (409, "question_changed")
    assert outcome(player.answer(question.question_id, "x")) == (409, "question_changed")
    choices = {choice["text"]: choice["id"] for choice in player.start().json()["questions"][0]["choices"]}
    assert player.answer(question.question_id, choices["crimson"]).json()["correct"] is True


def test_a_question_that_was_unpublished_meanwhile_is_still_asked(player, questions):
    player.start()
    type(questions[0]).objects.update(published=False)
    assert len(player.start().json()["questions"]) == 10
    assert player.play(right=10).json()["right"] == 10


def test_the_end_of_a_session_does_not_end_a_play(player, learner_api):
    player.start()
    for _ in range(2):
        answer = learner_api.post("/api/v1/sessions/end", {"session_id": player.session_id, "score": 1000})
        assert outcome(answer) == (409, "session_is_play")
        player.finish()


def test_a_play_of_a_challenge_is_no_attempt(learner_api):
    challenge = LevelFactory(kind="challenge", max_score=100)
    QuestionFactory(level=challenge)
    player = Player(learner_api, challenge.level_id)
    player.start()
    answer = learner_api.post(f"/api/v1/attempts/{player.session_id}/submit", {"score": 100})
    assert outcome(answer) == (404, "session_not_found")
    assert learner_api.get("/api/v1/attempts").json()["results"] == []


def test_a_play_too_old_is_abandoned_and_replaced_but_not_swept(player, questions, sign_in, learner, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    player.start()
    time_machine.shift(timedelta(hours=24, seconds=1))
    call_command("sweep_sessions", verbosity=0)
    late = Player(sign_in(learner))
    late.session_id = player.session_id
    question_id = questions[0].question_id
    answers = [late.answer(question_id, True), late.finish()]
    assert [outcome(answer) for answer in answers] == [(409, "session_abandoned")] * 2
    assert LearningSession.objects.get().status == "open"
    assert late.start().json()["session_id"] != player.session_id
    assert set(LearningSession.objects.values_list("status", flat=True)) == {"open", "abandoned"}
    time_machine.shift(timedelta(days=30, seconds=1))
    call_command("sweep_sessions", verbosity=0)
    assert not LearningSession.objects.open().exists()


@pytest.mark.parametrize("path", REPORTS)
def test_where_only_plays_count_a_reported_result_is_refused(level, learner_api, path):
    level.kind, level.verified_only = "training", True
    level.save()
    assert outcome(learner_api.post(path, REPORTS[path])) == (403, "verified_only")
    assert Completion.objects.count() == 0


def test_where_only_plays_count_a_session_started_before_that_still_ends(level, learner_api):
    before = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    level.verified_only = True
    level.save()
    assert learner_api.post("/api/v1/sessions/end", {"session_id": before, "score": 1}).status_code == 200
    after = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": after, "score": 1})
    assert outcome(answer) == (403, "verified_only")


def test_where_only_plays_count_plays_do(level, player):
    level.verified_only = True
    level.save()
    assert player.play(right=10).status_code == 200


@pytest.mark.parametrize(
    "event",
    [
        {"type": "level_completion", "level_id": "level-3", "score": 9},
        {"type": "session", "level_id": "level-3", "score": 9, "time_spent": 60},
    ],
)
def test_where_only_plays_count_a_batch_says_so_of_each_event(level, learner_api, event):
    level.verified_only = True
    level.save()
    moment = {"start_time": timezone.now().isoformat()} if event["type"] == "session" else {}
    event = {**event, **moment, "client_event_id": str(uuid4())}
    result = learner_api.post("/api/v1/sync", {"events": [event]}).json()["results"][0]
    assert (result["status"], result["problem"]["code"]) == ("rejected", "verified_only")
