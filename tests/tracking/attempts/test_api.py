"""attempts: sessions on challenges, in the words of clients that know no other sessions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry
from levels.challenges import CHALLENGE
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion, LearningSession
from tracking.recording.services import release_completion

pytestmark = pytest.mark.django_db

URL = "/api/v1/attempts"
NOW = "2026-11-20T10:00:00Z"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def challenge(db):
    return LevelFactory(level_id="riddle", xp_reward=120, **CHALLENGE)


@pytest.fixture
def start(learner_api, challenge):
    return lambda client=learner_api, **more: client.post(URL, {"challenge_id": challenge.pk}, **more)


@pytest.fixture
def submit(learner_api):
    """`submit(attempt_id, score)`."""
    return lambda attempt_id, score, client=learner_api, headers=None, **more: client.post(
        f"{URL}/{attempt_id}/submit", {"score": score, **more}, headers=headers
    )


def problem(answer):
    return answer.status_code, answer.json()["code"]


def without(answer, *names):
    return {name: value for name, value in answer.json().items() if name not in names}


def test_an_attempt_starts_by_the_servers_clock(start, challenge):
    answer = start()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "success": True,
            "id": LearningSession.objects.get().pk,
            "challenge_id": challenge.pk,
            "status": "started",
            "score": None,
            "xp_awarded": 0,
            "started_at": NOW,
            "submitted_at": None,
            "server_time": NOW,
        },
    )


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
            "server_time": "2026-11-20T10:01:01Z",
        },
    )
    completion = Completion.objects.get()
    assert (completion.session_id, completion.time_spent, completion.metadata) == (attempt["id"], 61, {"hints_used": 1})
    assert LearnerProfile.objects.get().counters["attempts_passed"] == 1


@pytest.mark.parametrize(("score", "status", "xp"), [(0, "failed", 0), (69, "failed", 0), (70, "passed", 84)])
def test_seventy_passes(start, submit, score, status, xp):
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


@pytest.mark.parametrize("reference", ["riddle", "key", "digits"])
def test_a_challenge_is_named_by_its_id_or_its_level_id(learner_api, challenge, reference):
    sent = {"riddle": "riddle", "key": challenge.pk, "digits": str(challenge.pk)}[reference]
    assert learner_api.post(URL, {"challenge_id": sent}).json()["challenge_id"] == challenge.pk


@pytest.mark.parametrize("reference", ["maze", "draft", "nowhere", 987654321, 2**53, -1, "9" * 100])
def test_what_is_no_challenge_starts_nothing(learner_api, challenge, reference):
    LevelFactory(level_id="maze"), LevelFactory(level_id="draft", published=False, **CHALLENGE)
    assert problem(learner_api.post(URL, {"challenge_id": reference})) == (400, "unknown_level")
    assert LearningSession.objects.count() == 0


def test_another_level_is_no_challenge_by_its_key_or_number_either(learner_api, challenge):
    maze = LevelFactory(number=challenge.pk + 1000)
    for reference in [maze.pk, maze.number]:
        assert problem(learner_api.post(URL, {"challenge_id": reference})) == (400, "unknown_level")


def test_a_locked_challenge_opens_when_its_prerequisites_are_passed(learner_api, start, submit, challenge):
    harder = LevelFactory(level_id="harder", prerequisites=[challenge], **CHALLENGE)
    refused = learner_api.post(URL, {"challenge_id": harder.pk})
    assert problem(refused) == (403, "level_locked")
    assert refused.json()["missing"] == [{"level_id": "riddle", "name": challenge.name}]
    submit(start().json()["id"], 69)
    assert learner_api.post(URL, {"challenge_id": harder.pk}).status_code == 403
    submit(start().json()["id"], 70)
    assert learner_api.post(URL, {"challenge_id": harder.pk}).status_code == 201


@pytest.mark.parametrize("shut", [{"unlocked": False}, {"coming_soon": True}])
def test_a_challenge_that_is_not_open_starts_nothing(start, challenge, shut):
    type(challenge).objects.update(**shut)
    assert problem(start()) == (403, "level_locked")


def test_starting_again_at_once_gives_the_same_attempt_and_later_another(start, submit, learner_api, time_machine):
    first, again = start().json(), start()
    assert (again.status_code, again.json()) == (201, first)
    time_machine.shift(60)
    second = start().json()
    assert second["id"] != first["id"]
    assert learner_api.get(f"{URL}/{first['id']}").json()["status"] == "abandoned"
    assert problem(submit(first["id"], 85)) == (409, "session_abandoned")
    assert submit(second["id"], 85).status_code == 200


def test_an_attempt_too_old_is_abandoned_whether_or_not_it_was_swept(start, sign_in, learner, submit, time_machine):
    attempt_id = start().json()["id"]
    time_machine.shift(timedelta(hours=24, seconds=1))
    client = sign_in(learner)
    assert client.get(f"{URL}/{attempt_id}").json()["status"] == "abandoned"
    assert problem(submit(attempt_id, 85, client=client)) == (409, "session_abandoned")


def test_an_attempt_of_somebody_else_does_not_exist(start, submit, sign_in):
    attempt_id, stranger = start().json()["id"], sign_in(UserFactory())
    for ask in [lambda pk: submit(pk, 85, client=stranger), lambda pk: stranger.get(f"{URL}/{pk}")]:
        theirs, missing = (ask(pk) for pk in [attempt_id, 999_999])
        assert without(theirs, "request_id") == without(missing, "request_id")
        assert problem(missing) == (404, "session_not_found")
    assert stranger.get(URL).json()["results"] == []
    assert LearningSession.objects.get().status == "open"


def test_a_session_on_another_level_is_no_attempt(learner_api, submit):
    LevelFactory(level_id="maze")
    session_id = learner_api.post("/api/v1/sessions/start", {"level_id": "maze"}).json()["session_id"]
    assert problem(submit(session_id, 85)) == (404, "session_not_found")
    assert learner_api.get(f"{URL}/{session_id}").status_code == 404
    assert learner_api.get(URL).json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"score": 101},
        {"score": -1},
        {"score": "85"},
        {"score": 85.5},
        {"score": None},
        {"score": 85, "xp": 5},
        {"score": 85, "metadata": {"hints_used": "1"}},
        {"score": 85, "metadata": []},
    ],
)
def test_bad_input_submits_nothing(learner_api, start, body):
    attempt_id = start().json()["id"]
    assert learner_api.post(f"{URL}/{attempt_id}/submit", body).status_code == 400
    assert LearningSession.objects.get().status == "open"


@pytest.mark.parametrize("attempt_id", ["0", "9" * 18, "9" * 19, "riddle", "-1"])
def test_an_id_that_nobody_has_is_not_found(learner_api, submit, challenge, attempt_id):
    assert (submit(attempt_id, 85).status_code, learner_api.get(f"{URL}/{attempt_id}").status_code) == (404, 404)


def test_my_attempts_newest_first_in_pages(learner_api, start, submit, time_machine):
    ids = []
    for score in [10, 80, None]:
        ids.append(start().json()["id"])
        if score is not None:
            submit(ids[-1], score)
        time_machine.shift(60)
    page = learner_api.get(URL, {"limit": 2}).json()
    rows = [(each["id"], each["status"], each["score"], each["xp_awarded"]) for each in page["results"]]
    assert rows == [(ids[2], "started", None, 0), (ids[1], "passed", 80, 96)]
    (last,) = learner_api.get(page["next"]).json()["results"]
    assert last == without(learner_api.get(f"{URL}/{ids[0]}"), "success")
    assert (last["status"], last["submitted_at"]) == ("failed", NOW)


def test_an_idempotency_key_keeps_the_answer(start, submit):
    key = {"Idempotency-Key": "mine"}
    first, second = start(headers=key), start(headers=key)
    assert (first.status_code, second.status_code, first.content) == (201, 201, second.content)
    key = {"Idempotency-Key": "other"}
    attempt_id = first.json()["id"]
    first, second = (submit(attempt_id, 85, headers=key) for _ in range(2))
    assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
    assert (submit(attempt_id, 84, headers=key).status_code, LedgerEntry.objects.count()) == (422, 1)


def test_ended_as_a_session_or_submitted_as_an_attempt_it_counts_once(learner_api, start, submit, challenge):
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


def test_its_ledger_entry_is_explained_like_any_other(learner_api, start, submit, challenge):
    submit(start().json()["id"], 85)
    answer = learner_api.get(f"/api/v1/gamification/explain/xp/{LedgerEntry.objects.get().pk}").json()
    assert answer["why"] == f"You got 102 XP for “{challenge.name}”: 102 for 85 points."


def test_anonymous_clients_get_401(api):
    for method, path in [("get", ""), ("post", ""), ("get", "/1"), ("post", "/1/submit")]:
        assert getattr(api, method)(f"{URL}{path}").status_code == 401
