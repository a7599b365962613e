"""Real threads on a real database: who was first is decided once, and nothing is lost or doubled.

On SQLite these pass by its one writer; the proof is the run on PostgreSQL.
"""

from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.exceptions import APIException

from gamification.awards.adjustments import reverse
from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import DayUsage, LearnerProfile, LedgerEntry, LimitSet
from gamification.pricing.limits import DEFAULT_LIMITS
from levels.challenges import CHALLENGE
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tests.threads import at_once, posting
from tracking.models import Completion, LearningSession
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
NOW = timezone.now()
COMPLETE = "/api/v1/levels/complete"
TRAIN = "/api/v1/training/progress/submit"


def first_times(answers):
    assert {answer.status_code for answer in answers} == {200}, [answer.content for answer in answers]
    fresh = [answer for answer in answers if "Idempotent-Replayed" not in answer]
    return sum(answer.json()["is_new_completion"] for answer in fresh)


@pytest.mark.parametrize("send_id", [True, False])
@pytest.mark.parametrize("send_key", [True, False])
def test_one_completion_sent_many_times_at_once_is_paid_once(learner_api, level, send_id, send_key):
    body = {"level_id": "level-3", "score": 850} | ({"client_event_id": str(uuid4())} if send_id else {})
    headers = {"Idempotency-Key": "one"} if send_key else {}
    answers = at_once([posting(learner_api, COMPLETE, body, **headers) for _ in range(THREADS)])
    assert first_times(answers) == 1
    assert len({answer.json()["new_total_xp"] for answer in answers}) == 1
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_other_content_under_one_event_id_loses_the_race_cleanly(learner_api, level):
    event_id = str(uuid4())
    bodies = [{"level_id": "level-3", "score": score, "client_event_id": event_id} for score in range(THREADS)]
    answers = at_once([posting(learner_api, COMPLETE, body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (THREADS - 1)
    assert Completion.objects.count() == 1


@pytest.mark.usefixtures("unlimited")
def test_many_completions_of_one_learner_at_once_are_all_paid(learner_api, learner):
    LevelFactory(level_id="arena", kind="mode")
    bodies = [{"level_id": "arena", "score": n, "client_event_id": str(uuid4())} for n in range(5 * THREADS)]
    for start in range(0, len(bodies), THREADS):
        answers = at_once([posting(learner_api, COMPLETE, body) for body in bodies[start : start + THREADS]])
        assert first_times(answers) == THREADS
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 10 * len(bodies)
    sequences = LedgerEntry.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, len(bodies) + 1))


@pytest.mark.parametrize(
    ("limit", "total"), [({"completions_per_hour": 5}, 50), ({"xp_per_day": 75}, 70), ({"full_repeats_per_day": 6}, 60)]
)
def test_no_limit_is_exceeded_by_results_that_come_at_once(learner_api, learner, limit, total):
    LevelFactory(level_id="arena", kind="mode")
    draft = LimitSet.objects.create(version=2, limits={**DEFAULT_LIMITS, **limit})
    publish_limit_set(draft, at=timezone.now())
    bodies = [{"level_id": "arena", "score": n, "client_event_id": str(uuid4())} for n in range(2 * THREADS)]
    answers = at_once([posting(learner_api, COMPLETE, body) for body in bodies])
    assert first_times(answers) == len(bodies)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == total
    assert DayUsage.objects.get(learner=learner, by_day__has_key="xp").by_day["xp"] == total


def test_improvements_at_once_pay_no_more_than_the_best(learner_api, learner, level):
    bodies = [{"level_id": "level-3", "score": score, "client_event_id": str(uuid4())} for score in range(0, 800, 100)]
    at_once([posting(learner_api, COMPLETE, body) for body in bodies])
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 17


@pytest.mark.usefixtures("unlimited")
def test_one_session_ended_many_times_at_once_is_paid_once(learner_api, level):
    session_id = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()["session_id"]
    body = {"session_id": session_id, "score": 850}
    answers = at_once([posting(learner_api, "/api/v1/sessions/end", body) for _ in range(THREADS)])
    assert first_times(answers) == 1
    assert LedgerEntry.objects.count() == 1


def same_answer(answers):
    """The answer that all requests got; only `server_time` may differ."""
    assert {answer.status_code for answer in answers} == {200}, [answer.content for answer in answers]
    bodies = [{**answer.json(), "server_time": None} for answer in answers]
    assert bodies == [bodies[0]] * len(bodies)
    return bodies[0]


def test_ten_submits_of_one_attempt_at_once_get_one_answer_and_one_payment(learner_api, learner):
    challenge = LevelFactory(xp_reward=120, **CHALLENGE)
    attempt_id = learner_api.post("/api/v1/attempts", {"challenge_id": challenge.pk}).json()["id"]
    path = f"/api/v1/attempts/{attempt_id}/submit"
    answer = same_answer(at_once([posting(learner_api, path, {"score": 85}) for _ in range(10)]))
    assert (answer["status"], answer["xp_awarded"], answer["total_xp"]) == ("passed", 102, 102)
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 102


def test_of_ten_scores_submitted_at_once_one_counts_and_the_rest_conflict(learner_api):
    challenge = LevelFactory(xp_reward=120, **CHALLENGE)
    attempt_id = learner_api.post("/api/v1/attempts", {"challenge_id": challenge.pk}).json()["id"]
    path = f"/api/v1/attempts/{attempt_id}/submit"
    answers = at_once([posting(learner_api, path, {"score": score}) for score in range(71, 81)])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_attempts_started_at_once_are_one(learner_api):
    challenge = LevelFactory(**CHALLENGE)
    answers = at_once([posting(learner_api, "/api/v1/attempts", {"challenge_id": challenge.pk}) for _ in range(10)])
    assert {answer.status_code for answer in answers} == {201}
    assert (len({answer.json()["id"] for answer in answers}), LearningSession.objects.count()) == (1, 1)


@pytest.mark.parametrize("earlier", [False, True])
def test_ten_equal_results_of_training_at_once_get_one_answer_and_one_payment(learner_api, learner, earlier):
    answers = {"total_questions": 5, "min_correct": 4}
    LevelFactory(level_id="knot", kind="training", xp_rule="fixed", xp_reward=10, max_score=100, metadata=answers)
    result = {"level_id": "knot", "score": 80, "total_questions": 5, "correct_answers": 4, "time_spent_seconds": 75}
    if earlier:
        learner_api.post(TRAIN, {**result, "correct_answers": 3})
    answer = same_answer(at_once([posting(learner_api, TRAIN, result) for _ in range(10)]))
    assert (answer["status"], answer["xp_earned"], answer["total_xp"]) == ("completed", 10, 10)
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1 + earlier, 1)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 10


def test_starts_at_once_open_one_session(learner_api, level):
    answers = at_once([posting(learner_api, "/api/v1/sessions/start", {"level_id": 3}) for _ in range(THREADS)])
    assert sorted(answer.json()["is_new_session"] for answer in answers) == [False] * (THREADS - 1) + [True]
    assert len({answer.json()["session_id"] for answer in answers}) == 1


def test_starts_with_keys_of_their_own_leave_one_session_open(learner_api, level):
    calls = [
        posting(learner_api, "/api/v1/sessions/start", {"level_id": 3}, **{"Idempotency-Key": f"k{n}"})
        for n in range(THREADS)
    ]
    answers = at_once(calls)
    assert [answer.json()["is_new_session"] for answer in answers] == [True] * THREADS
    assert LearningSession.objects.open().count() == 1


def test_debits_at_once_never_take_a_balance_below_zero(learner):
    actor = StaffFactory()

    def change(amount):
        def call():
            try:
                return adjust(learner_id=learner.pk, amount=amount, reason="test", actor=actor, at=NOW)
            except APIException as refusal:
                return type(refusal).__name__

        return call

    change(50)()
    results = at_once([change(-20) for _ in range(THREADS)])
    assert results.count("BalanceBelowZero") == THREADS - 2
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 10


def test_an_entry_is_reversed_once_by_simultaneous_requests(learner):
    actor = StaffFactory()
    line = adjust(learner_id=learner.pk, amount=50, reason="test", actor=actor, at=NOW)

    def press():
        try:
            return reverse(line, actor=actor, note="", at=NOW).delta
        except APIException as refusal:
            return type(refusal).__name__

    results = at_once([press] * THREADS)
    assert sorted(results, key=str) == [-50] + ["NotReversible"] * (THREADS - 1)


def test_simultaneous_completions_create_one_profile(level):
    user = StaffFactory()
    LearnerProfile.objects.filter(pk=user.pk).delete()
    calls = [
        lambda n=n: complete_level(learner=user, claim=Claim(3, n, client_event_id=uuid4()), source="api", at=NOW)
        for n in range(THREADS)
    ]
    at_once(calls)
    assert LearnerProfile.objects.get(pk=user.pk).total_xp == 10


def test_learners_do_not_wait_for_each_other(level):
    learners = UserFactory.create_batch(THREADS)
    calls = [
        lambda learner=learner: complete_level(
            learner=learner, claim=Claim(3, 850, client_event_id=uuid4()), source="api", at=NOW
        )
        for learner in learners
    ]
    assert [outcome.answer["awarded_xp"] for outcome in at_once(calls)] == [18] * THREADS
