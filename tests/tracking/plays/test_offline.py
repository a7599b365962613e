"""Plays that were started online and finished offline: one event of sync."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import LedgerEntry
from levels.models import Level
from levels.questions.presenting import id_of
from tests.factories import UserFactory
from tests.tracking.plays.conftest import Player
from tests.tracking.plays.content import QuestionFactory
from tracking.models import Completion, LearningSession, PlayQuestion, QuestionMemory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def later(time_machine, sign_in, learner):
    """`later(days=3)` moves the clock and signs in again."""

    def later(**shift):
        time_machine.shift(timedelta(**shift))
        return sign_in(learner)

    return later


def event_of(session_id, questions, right, *, after=60, **more):
    """Answers one minute after another, the first of them right."""
    at = LearningSession.objects.get(pk=session_id).start_time
    answers = [
        {
            "question_id": question.question_id,
            "answer": number < right,
            "answered_at": (at + timedelta(seconds=after * (number + 1))).isoformat(),
        }
        for number, question in enumerate(questions)
    ]
    return {"type": "play", "client_event_id": str(uuid4()), "session_id": session_id, "answers": answers, **more}


def sync(client, *events):
    answer = client.post("/api/v1/sync", {"events": list(events)})
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_answers_given_offline_are_judged_when_they_arrive(player, questions, later):
    session_id = player.start().json()["session_id"]
    (result,) = sync(later(days=3), event_of(session_id, questions, 9))
    told = {name: result[name] for name in ["status", "trust", "right", "asked", "skills_to_practise", "awarded_xp"]}
    assert told == {
        "status": "created",
        "trust": "offline",
        "right": 9,
        "asked": 10,
        "skills_to_practise": [],
        "awarded_xp": 29,
    }
    completion = Completion.objects.get()
    assert (completion.score, completion.passed, completion.time_spent) == (900, True, 600)
    assert completion.occurred_at == completion.session.start_time + timedelta(minutes=10)
    assert (completion.session.status, completion.session.score) == ("ended", 900)
    assert list(PlayQuestion.objects.order_by("turn").values_list("turn", flat=True)) == list(range(1, 11))
    assert QuestionMemory.objects.filter(correct=True).count() == 9


def test_the_same_event_again_gives_the_first_answer(player, questions, later):
    event = event_of(player.start().json()["session_id"], questions, 8)
    client = later(days=1)
    first, again = sync(client, event, event)
    (once_more,) = sync(client, event)
    (other_id,) = sync(client, {**event, "client_event_id": str(uuid4())})
    assert [result["status"] for result in (first, again, once_more, other_id)] == ["created"] + ["replayed"] * 3
    assert {result["awarded_xp"] for result in (first, again, once_more, other_id)} == {28}
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_answers_given_online_stay_and_missing_ones_are_wrong(player, questions, later):
    session_id = player.start().json()["session_id"]
    player.answer(questions[0].question_id, False)
    (result,) = sync(later(hours=2), event_of(session_id, questions[:7], 7))
    assert (result["right"], result["asked"]) == (6, 10)
    assert PlayQuestion.objects.get(question=questions[0]).correct is False


def test_a_failed_play_pays_nothing(player, questions, later):
    session_id = player.start().json()["session_id"]
    (result,) = sync(later(hours=2), event_of(session_id, questions, 5))
    assert (result["status"], result["awarded_xp"], result["skills_to_practise"]) == ("created", 0, ["Truth"])
    assert Completion.objects.get().passed is False


def test_a_failed_play_is_not_held_however_fast_it_was(level, player, questions, later):
    Level.objects.filter(pk=level.pk).update(metadata={"min_seconds": 60})
    session_id = player.start().json()["session_id"]
    (result,) = sync(later(hours=2), event_of(session_id, questions, 5, after=1))
    assert (result["status"], result["held"], result["skills_to_practise"]) == ("created", False, ["Truth"])
    assert Completion.objects.waiting().count() == 0


def test_a_passed_play_that_was_too_fast_is_held(level, player, questions, later):
    Level.objects.filter(pk=level.pk).update(metadata={"min_seconds": 60})
    session_id = player.start().json()["session_id"]
    (result,) = sync(later(hours=2), event_of(session_id, questions, 10, after=1))
    assert (result["status"], Completion.objects.get().held_reason) == ("held", "too_fast")


def test_a_question_that_has_changed_is_left_out_and_other_unknown_choices_are_wrong(level, learner_api, later):
    choices = {"kind": "single_choice", "choices": ["red", "blue"], "answer": "red", "level": level}
    kept, changed, lost = (QuestionFactory(**choices) for _ in range(3))
    session_id = Player(learner_api).start().json()["session_id"]
    event = event_of(session_id, [kept, changed, lost], 3)
    for answer, question in zip(event["answers"], [kept, changed], strict=False):
        answer["answer"] = id_of(question, "red")
    event["answers"][2]["answer"] = "no-such-choice"
    client = later(hours=1)
    changed.choices, changed.answer = ["crimson", "blue"], "crimson"
    changed.save()
    (result,) = sync(client, event)
    assert (result["right"], result["asked"]) == (1, 2)
    assert Completion.objects.get().score == 500


def test_a_play_may_be_sent_for_thirty_days_also_where_another_one_was_started(player, questions, later):
    session_id = player.start().json()["session_id"]
    client = later(days=29)
    Player(client).start()
    (result,) = sync(client, event_of(session_id, questions, 10))
    assert (result["status"], result["right"]) == ("created", 10)


def test_after_thirty_days_it_is_refused(player, questions, later):
    session_id = player.start().json()["session_id"]
    (result,) = sync(later(days=30, seconds=1), event_of(session_id, questions, 10))
    assert result["problem"]["code"] == "session_abandoned"
    assert Completion.objects.count() == 0


def test_only_ones_own_plays_are_found(player, questions, sign_in, learner_api):
    session_id = player.start().json()["session_id"]
    event = event_of(session_id, questions, 10)
    (result,) = sync(sign_in(UserFactory()), event)
    assert result["problem"]["code"] == "session_not_found"
    own = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    (result,) = sync(learner_api, {**event, "session_id": own})
    assert result["problem"]["code"] == "session_not_found"


def test_an_event_of_a_session_does_not_end_a_play(player, learner_api):
    session_id = player.start().json()["session_id"]
    event = {"type": "session", "client_event_id": str(uuid4()), "session_id": session_id, "score": 1000}
    (result,) = sync(learner_api, event)
    assert result["problem"]["code"] == "session_is_play"
    player.finish()
    (result,) = sync(learner_api, event)
    assert result["problem"]["code"] == "session_is_play"


@pytest.mark.parametrize(
    "change",
    [
        {"session_id": None},
        {"session_id": "1"},
        {"answers": None},
        {"answers": [{"question_id": "a"}]},
        {"answers": [{"question_id": "a", "answer": True, "answered_at": "today"}]},
        {"score": 1000},
        {"trust": "verified"},
    ],
)
def test_an_event_that_is_not_valid_is_refused_alone(player, questions, learner_api, change):
    event = event_of(player.start().json()["session_id"], questions, 10) | change
    (result,) = sync(learner_api, event)
    assert (result["status"], result["problem"]["code"]) == ("rejected", "invalid")
    assert Completion.objects.count() == 0


def test_a_client_cannot_put_the_end_into_the_future(player, questions, learner_api):
    event = event_of(player.start().json()["session_id"], questions, 10, after=10_000)
    sync(learner_api, event)
    assert Completion.objects.get().occurred_at == timezone.now()


def test_a_play_whose_event_id_was_used_for_something_else_can_be_sent_under_another_one(player, questions, later):
    event = event_of(player.start().json()["session_id"], questions, 9)
    other = {"type": "level_completion", "client_event_id": event["client_event_id"], "level_id": 3, "score": 100}
    client = later(days=1)
    taken, refused, counted = sync(client, other, event, {**event, "client_event_id": str(uuid4())})
    assert (taken["status"], refused["problem"]["code"]) == ("created", "event_id_reused")
    assert (counted["status"], counted["right"], counted["asked"]) == ("created", 9, 10)
    (again,) = sync(client, event)
    assert again["problem"]["code"] == "event_id_reused"


def test_a_client_cannot_make_an_answer_older_than_its_play(player, questions, learner_api, time_machine):
    event = event_of(player.start().json()["session_id"], questions, 10)
    for answer in event["answers"]:
        answer["answered_at"] = "0001-01-02T00:00:00Z"
    began = timezone.now()
    time_machine.shift(timedelta(minutes=5))
    sync(learner_api, event)
    assert set(PlayQuestion.objects.values_list("answered_at", flat=True)) == {began}
    assert set(QuestionMemory.objects.values_list("last_review", flat=True)) == {began}
    assert learner_api.get("/api/v1/review/queue").json()["due"] == 0
