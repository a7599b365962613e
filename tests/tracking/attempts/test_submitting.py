"""attempts/{id}/submit: what a score pays, and submitting again."""

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry
from tracking.models import Completion
from tracking.recording.services import release_completion

from .conftest import NOW, URL, problem

pytestmark = pytest.mark.django_db


def test_passing_pays_in_proportion_to_the_score(start, submit, challenge, time_machine):
    attempt = start().json()
    time_machine.shift(61)
    answer = submit(attempt["id"], 85, metadata={"hints_used": 1, "unheard": "of"})
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "id": attempt["id"],
            "challenge_id": challenge.pk,
            "status": "passed",
            "score": 85,
            "xp_awarded": 102,
            "started_at": NOW,
            "submitted_at": "2026-11-20T10:01:01Z",
            "total_xp": 102,
            "awarded_xp": 102,
            "total_awarded_xp": 102,
            "new_total_xp": 102,
            "xp_breakdown": [{"factor": "score", "value": 102}],
            "level_up": True,
            "player_level": 2,
            "title": "Novice",
            "streak": {"action": "started", "current_streak": 1, "longest_streak": 1, "freezes_available": 3},
            "unlocked_achievements": [],
            "unlocked_badges": [],
            "entries": [{"reason": "attempt_passed", "delta": 102, "balance_after": 102}],
            "trust": "reported",
            "held": False,
            "held_reason": None,
            "server_time": "2026-11-20T10:01:01Z",
        },
    )
    completion = Completion.objects.get()
    assert (completion.session_id, completion.time_spent, completion.metadata) == (attempt["id"], 61, {"hints_used": 1})
    assert LearnerProfile.objects.get().counters["attempts_passed"] == 1


@pytest.mark.parametrize(("score", "status", "xp"), [(0, "failed", 0), (69, "failed", 0), (70, "passed", 84)])
def test_a_score_of_70_passes(start, submit, score, status, xp):
    answer = submit(start().json()["id"], score).json()
    assert (answer["status"], answer["score"], answer["xp_awarded"], answer["total_xp"]) == (status, score, xp, xp)
    assert LedgerEntry.objects.count() == (1 if xp else 0)


def test_a_failed_retry_takes_nothing_away(start, submit, learner_api, time_machine):
    submit(start().json()["id"], 80)
    time_machine.shift(60)
    answer = submit(start().json()["id"], 10).json()
    assert (answer["status"], answer["xp_awarded"], answer["total_xp"]) == ("failed", 0, 96)
    (level,) = learner_api.get("/api/v1/levels/progress").json()["levels"]
    assert (level["status"], level["best_score"], level["awarded_xp"]) == ("completed", 80, 96)


def test_a_better_attempt_pays_what_is_better(start, submit, time_machine):
    submit(start().json()["id"], 80)
    time_machine.shift(60)
    answer = submit(start().json()["id"], 100).json()
    assert (answer["xp_awarded"], answer["total_xp"]) == (24, 120)


def test_submitting_again_with_the_same_score_gives_the_first_answer(start, submit, time_machine):
    attempt_id = start().json()["id"]
    first = submit(attempt_id, 85)
    time_machine.shift(60)
    second = submit(attempt_id, 85)
    assert second.json() == {**first.json(), "server_time": "2026-11-20T10:01:00Z"}
    assert LedgerEntry.objects.count() == 1


def test_submitting_again_with_another_score_is_a_conflict(start, submit):
    attempt_id = start().json()["id"]
    submit(attempt_id, 85)
    assert problem(submit(attempt_id, 100)) == (409, "session_already_ended")
    assert LearnerProfile.objects.get().total_xp == 102


def test_a_submitted_attempt_is_answered_even_when_tracking_is_off(start, submit, settings):
    attempt_id = start().json()["id"]
    submit(attempt_id, 85)
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    assert submit(attempt_id, 85).status_code == 200
    assert problem(start()) == (403, "tracking_disabled")


def test_an_idempotency_key_keeps_the_answer(start, submit):
    key = {"Idempotency-Key": "mine"}
    first, second = start(headers=key), start(headers=key)
    assert (first.status_code, second.status_code, first.content) == (201, 201, second.content)
    key = {"Idempotency-Key": "other"}
    attempt_id = first.json()["id"]
    first, second = (submit(attempt_id, 85, headers=key) for _ in range(2))
    assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
    assert (submit(attempt_id, 84, headers=key).status_code, LedgerEntry.objects.count()) == (422, 1)


def test_an_attempt_ended_as_a_session_too_counts_once(learner_api, start, submit, challenge):
    attempt_id = start().json()["id"]
    ended = learner_api.post("/api/v1/sessions/end", {"session_id": attempt_id, "score": 85}).json()
    assert [line["reason"] for line in ended["entries"]] == ["session_completion"]
    again = submit(attempt_id, 85).json()
    assert (again["status"], again["xp_awarded"], again["entries"]) == ("passed", 102, ended["entries"])
    other = learner_api.post("/api/v1/sessions/start", {"level_id": "riddle"}, headers={"Idempotency-Key": "k"}).json()
    submit(other["session_id"], 90)
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": other["session_id"], "score": 90}).json()
    assert (answer["awarded_xp"], answer["is_new_completion"]) == (6, False)
    assert LedgerEntry.objects.count() == 2


def test_an_attempt_ended_without_a_score_failed_with_none(learner_api, start):
    attempt_id = start().json()["id"]
    learner_api.post("/api/v1/sessions/end", {"session_id": attempt_id})
    answer = learner_api.get(f"{URL}/{attempt_id}").json()
    assert (answer["status"], answer["score"]) == ("failed", 0)


def test_an_implausible_attempt_is_held_and_pays_when_it_is_released(learner_api, start, submit, challenge):
    type(challenge).objects.update(metadata={"min_seconds": 60})
    attempt_id = start().json()["id"]
    held = submit(attempt_id, 85).json()
    assert (held["held"], held["status"], held["xp_awarded"], held["streak"]) == (True, "passed", 0, None)
    release_completion(Completion.objects.get(), at=timezone.now())
    answer = submit(attempt_id, 85).json()
    assert (answer["held"], answer["xp_awarded"], answer["entries"][0]["reason"]) == (False, 102, "attempt_passed")
    assert learner_api.get(f"{URL}/{attempt_id}").json()["xp_awarded"] == 102


def test_the_ledger_entry_of_an_attempt_is_explained(learner_api, start, submit, challenge):
    submit(start().json()["id"], 85)
    answer = learner_api.get(f"/api/v1/gamification/explain/xp/{LedgerEntry.objects.get().pk}").json()
    assert answer["why"] == f"You got 102 XP for “{challenge.name}”: 102 for 85 points."
