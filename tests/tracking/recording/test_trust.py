"""How far results can be relied on: the trust of completions, and of the ledger entries that they cause."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gamification.awards.adjustments import reverse
from gamification.models import LedgerEntry, Trust
from tests.factories import LevelFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory
from tracking.models import Completion
from tracking.recording.services import release_completion
from tracking.recording.trust import trust_of_report

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
NOTE = {"reason": "A mistake", "note": ""}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def ago(**duration):
    return (NOW - timedelta(**duration)).isoformat()


def trust_of_entries():
    return dict(LedgerEntry.objects.values_list("reason", "trust"))


@pytest.mark.parametrize(
    ("seconds", "trust"),
    [(-300, Trust.REPORTED), (0, Trust.REPORTED), (300, Trust.REPORTED), (301, Trust.OFFLINE), (86_400, Trust.OFFLINE)],
)
def test_a_result_is_reported_within_five_minutes_and_offline_later(seconds, trust):
    assert trust_of_report(NOW - timedelta(seconds=seconds), NOW) == trust


def test_a_result_without_a_time_is_reported(complete, level):
    assert complete(score=850).json()["trust"] == "reported"
    assert Completion.objects.get().trust == "reported"


def test_a_result_told_later_is_offline(complete, level):
    assert complete(score=850, occurred_at=ago(minutes=6)).json()["trust"] == "offline"
    assert Completion.objects.get().trust == "offline"


def test_bonus_and_achievements_have_the_trust_of_the_completion_that_earned_them(complete, level):
    AchievementFactory(condition={"type": "metric", "name": "completions", "threshold": 2}, xp_reward=50)
    complete(score=1, occurred_at=ago(days=2))
    complete(score=850, occurred_at=ago(days=1))
    assert trust_of_entries() == {
        "level_completion": "offline",
        "streak_bonus": "offline",
        "achievement": "offline",
    }


def test_events_of_one_batch_have_each_their_own_trust(learner_api, level):
    events = [
        {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": "level-3", "score": 850, **when}
        for when in [{"occurred_at": ago(hours=5)}, {"occurred_at": ago(minutes=1)}, {}]
    ]
    results = learner_api.post("/api/v1/sync", {"events": events}).json()["results"]
    assert [result["trust"] for result in results] == ["offline", "reported", "reported"]


def test_the_end_of_a_session_is_reported_however_long_it_was(learner_api, level, time_machine):
    session = learner_api.post("/api/v1/sessions/start", {"level_id": "level-3"}).json()["session_id"]
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": session, "score": 850})
    assert answer.json()["trust"] == "reported"


def test_attempts_and_training_carry_their_trust(learner_api):
    challenge = LevelFactory(kind="challenge", max_score=100, pass_score=70)
    training = LevelFactory(kind="training", max_score=100)
    attempt = learner_api.post("/api/v1/attempts", {"challenge_id": challenge.pk}).json()["id"]
    submitted = learner_api.post(f"/api/v1/attempts/{attempt}/submit", {"score": 90})
    result = {"level_id": training.level_id, "score": 80, "total_questions": 5, "correct_answers": 4}
    trained = learner_api.post("/api/v1/training/progress/submit", result)
    assert [answer.json()["trust"] for answer in (submitted, trained)] == ["reported", "reported"]


def test_a_held_completion_has_a_trust_and_keeps_it_when_it_is_released(complete):
    LevelFactory(level_id="level-3", metadata={"min_seconds": 60})
    answer = complete(score=850, time_spent=1, occurred_at=ago(hours=1)).json()
    assert (answer["held"], answer["trust"]) == (True, "offline")
    completion = Completion.objects.get()
    release_completion(completion, at=NOW)
    assert (completion.answer["trust"], trust_of_entries()) == ("offline", {"level_completion": "offline"})


def test_what_staff_give_is_verified_with_what_it_unlocks(learner, staff):
    AchievementFactory(condition={"type": "xp", "threshold": 100}, xp_reward=50)
    adjust(learner_id=learner.pk, amount=100, reason="Won", actor=staff, at=NOW)
    assert trust_of_entries() == {"manual_adjustment": "verified", "achievement": "verified"}


@pytest.mark.parametrize(("when", "trust"), [({}, "reported"), ({"occurred_at": ago(hours=1)}, "offline")])
def test_a_reversal_has_the_trust_of_the_entry_that_it_takes_back(complete, level, staff, when, trust):
    complete(score=850, **when)
    assert reverse(LedgerEntry.objects.get(), actor=staff, at=NOW, **NOTE).trust == trust


def test_the_reversal_of_an_adjustment_is_verified(learner, staff):
    given = adjust(learner_id=learner.pk, amount=100, reason="Won", actor=staff, at=NOW)
    assert reverse(given, actor=staff, at=NOW, **NOTE).trust == "verified"


def test_an_achievement_that_a_check_in_unlocks_is_reported(learner_api):
    AchievementFactory(condition={"type": "consecutive_days", "days": 1}, xp_reward=50)
    learner_api.post("/api/v1/gamification/streaks/update")
    assert trust_of_entries() == {"achievement": "reported"}


def test_the_history_and_the_export_show_the_trust(complete, learner_api, level):
    complete(score=850, occurred_at=ago(hours=1))
    assert [entry["trust"] for entry in learner_api.get("/api/v1/gamification/xp/history").json()["results"]] == [
        "offline"
    ]
    export = learner_api.get("/api/v1/auth/me/export").json()
    assert [row["trust"] for part in ("completions", "ledger") for row in export[part]] == ["offline", "offline"]


@pytest.mark.parametrize("path", ["levels/complete", "sync"])
def test_an_answer_that_was_stored_before_there_was_trust_is_reported_when_it_is_sent_again(learner_api, level, path):
    event = {"level_id": "level-3", "score": 850, "client_event_id": str(uuid4())}
    learner_api.post("/api/v1/levels/complete", event)
    stored = Completion.objects.get()
    del stored.answer["trust"]
    stored.save()
    body = {"events": [{"type": "level_completion", **event}]} if path == "sync" else event
    answer = learner_api.post(f"/api/v1/{path}", body).json()
    assert (answer["results"][0] if path == "sync" else answer)["trust"] == "reported"
