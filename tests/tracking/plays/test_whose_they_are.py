"""What becomes of plays when guests are merged, and what explanations and lists say of them."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import UserFactory
from tracking.merging.services import merge_learners
from tracking.models import LearningSession, PlayQuestion
from tracking.plays.services import answer_question, start_play

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]


def test_of_two_open_plays_the_newer_one_stays_with_its_answers(level, questions, learner):
    guest, now = UserFactory(), timezone.now()
    start_play(learner=learner, level="level-3", at=now - timedelta(minutes=2))
    play = start_play(learner=guest, level="level-3", at=now - timedelta(minutes=1))
    LearningSession.objects.create(learner=learner, level=level, start_time=now)
    called = {"session_id": play["session_id"], "question_id": questions[0].question_id}
    answer_question(learner=guest, **called, answer=True, at=now)
    with transaction.atomic():
        merge_learners(guest_id=guest.pk, account_id=learner.pk, at=now)
    assert start_play(learner=learner, level="level-3", at=now)["answered"][0]["question_id"] == called["question_id"]
    states = LearningSession.objects.filter(learner=learner).values_list("is_play", "status")
    assert sorted(states) == [(False, "open"), (True, "abandoned"), (True, "open")]
    assert PlayQuestion.objects.filter(play__session__learner=learner).count() == 20


def test_explanations_say_how_many_answers_were_right(player, learner_api):
    player.play(right=9, wrong=1)
    entry = LedgerEntry.objects.get()
    why = learner_api.get(f"/api/v1/gamification/explain/xp/{entry.pk}").json()["why"]
    assert why.startswith(f"You got {entry.delta} XP for “Malware Mayhem” (9 of 10 right): ")
    why = learner_api.get("/api/v1/gamification/explain/level/level-3").json()["why"]
    assert why.endswith(" Your last play: 9 of 10 right.")


def test_a_finished_play_is_in_the_list_of_sessions(player, learner_api):
    player.play(right=9)
    (session,) = learner_api.get("/api/v1/sessions/progress").json()["results"]
    assert (session["session_id"], session["score"], session["status"]) == (player.session_id, 900, "ended")
