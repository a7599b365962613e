"""attempts: which challenges can be started, whose attempts are shown, what is refused."""

from datetime import timedelta

import pytest

from levels.challenges import CHALLENGE
from tests.factories import LevelFactory, UserFactory
from tracking.models import LearningSession

from .conftest import NOW, URL, problem

pytestmark = pytest.mark.django_db


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


def test_an_attempt_of_another_learner_is_not_found(start, submit, sign_in):
    attempt_id, other = start().json()["id"], sign_in(UserFactory())
    for ask in [lambda pk: submit(pk, 85, client=other), lambda pk: other.get(f"{URL}/{pk}")]:
        theirs, missing = (ask(pk) for pk in [attempt_id, 999_999])
        assert without(theirs, "request_id") == without(missing, "request_id")
        assert problem(missing) == (404, "session_not_found")
    assert other.get(URL).json()["results"] == []
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


def test_anonymous_clients_get_401(api):
    for method, path in [("get", ""), ("post", ""), ("get", "/1"), ("post", "/1/submit")]:
        assert getattr(api, method)(f"{URL}{path}").status_code == 401
