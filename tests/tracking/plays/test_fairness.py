"""Plays obey the limits, so a script that knows the right answers gains no more than an honest player."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import LearnerProfile, LimitSet
from gamification.pricing.limits import DEFAULT_LIMITS
from tests.machines.keys import make_key
from tracking.models import Completion, LearningSession

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def script(player, time_machine):
    """`script(right)`: play, with so many right, as slowly as somebody who reads."""

    def play(right):
        player.start()
        time_machine.shift(200)
        return player.play(right=right, wrong=10 - right).json()

    return play


@pytest.mark.usefixtures("unlimited")
def test_playing_again_with_the_right_answers_pays_the_improvement_and_then_nothing(script, learner):
    first, better, again = script(6), script(10), script(10)
    assert (first["awarded_xp"], better["awarded_xp"], again["awarded_xp"]) == (26, 4, 0)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 30


def test_a_level_that_pays_each_time_is_limited(script, level, learner):
    level.repeat_policy, level.expected_time_seconds = "full", None
    level.save()
    limits = LimitSet.objects.create(version=2, limits={**DEFAULT_LIMITS, "full_repeats_per_day": 2})
    publish_limit_set(limits, at=timezone.now())
    paid = [script(10)["awarded_xp"] for _ in range(4)]
    assert (paid[0] > 0, paid[1] > 0, paid[2:]) == (True, True, [0, 0])


def test_a_play_that_is_faster_than_anybody_reads_is_held(player, level, learner):
    body = player.play(right=10).json()
    assert (body["held"], body["awarded_xp"], body["trust"]) == (True, 0, "verified")
    assert Completion.objects.get().held_reason == "too_fast"
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 0


def test_a_fast_play_that_failed_does_not_wait_for_staff(player, level, learner):
    body = player.play(right=3).json()
    assert (body["held"], body["awarded_xp"], Completion.objects.get().passed) == (False, 0, False)


def test_a_client_cannot_say_what_a_play_is_worth(player):
    player.start()
    for told in [{"score": 1000}, {"trust": "verified"}, {"source": "web"}, {"metadata": {"hints_used": 0}}]:
        answer = player.client.post(f"/api/v1/plays/{player.session_id}/finish", told)
        assert answer.status_code == 400
    assert LearningSession.objects.get().status == "open"


def test_a_server_key_may_play_for_a_learner(questions, learner, client, time_machine):
    _, secret = make_key(scopes=["track"])
    type(learner).objects.filter(pk=learner.pk).update(external_id="pupil-9")
    headers = {"Authorization": f"Bearer {secret}", "SkillQuest-Learner": "pupil-9"}
    play = client.post("/api/v1/levels/level-3/play", headers=headers, content_type="application/json")
    time_machine.shift(timedelta(seconds=1))
    path = f"/api/v1/plays/{play.json()['session_id']}/finish"
    answer = client.post(path, headers=headers, content_type="application/json")
    assert (answer.status_code, answer.json()["trust"]) == (200, "verified")
    assert Completion.objects.get().server_key


@pytest.mark.usefixtures("unlimited")
def test_a_failed_play_keeps_the_streak_and_leaves_the_bonus_of_the_day_to_a_completion(
    script, player, sign_in, learner, time_machine
):
    assert script(10)["streak"]["current_streak"] == 1
    time_machine.shift(timedelta(days=1))
    player.client = sign_in(learner)
    failed, passed = script(0), script(10)
    assert failed["streak"] == passed["streak"] | {"action": "increased"}
    assert (failed["streak"]["current_streak"], failed["total_awarded_xp"], failed["entries"]) == (2, 0, [])
    assert [(line["reason"], line["delta"]) for line in passed["entries"]] == [("streak_bonus", 10)]
