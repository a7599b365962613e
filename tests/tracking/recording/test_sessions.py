"""POST sessions/start and sessions/end, and the sweep of forgotten ones."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from gamification.models import LedgerEntry
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion, LearningSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]

START, END = "/api/v1/sessions/start", "/api/v1/sessions/end"
MINE = object()  # stands for the id of the session that is open


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:00:00Z", tick=False)


@pytest.fixture
def session_id(learner_api, level):
    return learner_api.post(START, {"level_id": "level-3"}).json()["session_id"]


def test_a_session_starts_by_the_servers_clock(learner_api, level):
    answer = learner_api.post(START, {"session_name": "Malware Mayhem"})
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "session_id": LearningSession.objects.get().pk,
            "session_name": "Malware Mayhem",
            "level_id": "level-3",
            "start_time": "2026-11-20T10:00:00Z",
            "is_new_session": True,
            "server_time": "2026-11-20T10:00:00Z",
        },
    )


@pytest.mark.parametrize(
    "body", [{"level_id": "level-3"}, {"level_id": 3}, {"level_id": "3"}, {"session_name": "Malware Mayhem"}]
)
def test_id_number_and_name_find_the_same_level(learner_api, level, body):
    assert learner_api.post(START, body).json()["level_id"] == "level-3"


@pytest.mark.parametrize("body", [{}, {"level_id": "level-3", "session_name": "Malware Mayhem"}])
def test_a_start_names_one_level(learner_api, level, body):
    assert learner_api.post(START, body).status_code == 400


def test_starting_again_at_once_resumes_the_session(learner_api, level, session_id, time_machine):
    time_machine.shift(4.9)
    again = learner_api.post(START, {"level_id": "level-3"}).json()
    assert (again["session_id"], again["is_new_session"], again["start_time"]) == (
        session_id,
        False,
        "2026-11-20T10:00:00Z",
    )


def test_starting_again_later_abandons_the_older_one(learner_api, level, session_id, time_machine):
    time_machine.shift(5)
    again = learner_api.post(START, {"level_id": "level-3"}).json()
    assert again["is_new_session"] is True
    assert dict(LearningSession.objects.values_list("pk", "status")) == {
        session_id: "abandoned",
        again["session_id"]: "open",
    }


def test_a_clock_that_was_set_back_does_not_resume_a_session_of_later(learner_api, level, session_id, time_machine):
    time_machine.shift(-4.9)
    assert learner_api.post(START, {"level_id": "level-3"}).json()["is_new_session"] is False
    time_machine.shift(-0.2)
    assert learner_api.post(START, {"level_id": "level-3"}).json()["is_new_session"] is True


def test_another_idempotency_key_means_another_session(learner_api, level, session_id):
    again = learner_api.post(START, {"level_id": "level-3"}, headers={"Idempotency-Key": "k1"}).json()
    assert (again["is_new_session"], again["session_id"] != session_id) == (True, True)


def test_sessions_on_two_levels_may_be_open_together(learner_api, level, session_id):
    LevelFactory(level_id="other")
    learner_api.post(START, {"level_id": "other"})
    assert LearningSession.objects.open().count() == 2


def test_a_locked_or_unknown_level_starts_nothing(learner_api, level):
    LevelFactory(level_id="next", prerequisites=[level])
    codes = [learner_api.post(START, {"level_id": name}).json()["code"] for name in ["next", "nowhere"]]
    assert codes == ["level_locked", "unknown_level"]
    assert LearningSession.objects.count() == 0


def test_ending_pays_and_returns_the_time_spent(learner_api, learner, session_id, time_machine):
    time_machine.shift(61.9)
    answer = learner_api.post(END, {"session_id": session_id, "score": 850, "metadata": {"hints_used": 0}})
    body = answer.json()
    assert answer.status_code == 200
    assert {
        name: body[name] for name in ["awarded_xp", "new_total_xp", "time_spent", "is_new_completion", "session"]
    } == {
        "awarded_xp": 28,
        "new_total_xp": 28,
        "time_spent": 61,
        "is_new_completion": True,
        "session": {
            "session_name": "Malware Mayhem",
            "score": 850,
            "start_time": "2026-11-20T10:00:00Z",
            "end_time": "2026-11-20T10:01:01.900000Z",
        },
    }
    assert body["entries"] == [{"reason": "session_completion", "delta": 28, "balance_after": 28}]
    completion = Completion.objects.get()
    assert (completion.session_id, completion.time_spent, completion.score) == (session_id, 61, 850)


@pytest.mark.parametrize("score", [{}, {"score": None}, {"score": 850}])
def test_second_end_pays_nothing(learner_api, session_id, time_machine, score):
    first = learner_api.post(END, {"session_id": session_id, "score": 850}).json()
    time_machine.shift(60)
    second = learner_api.post(END, {"session_id": session_id, **score}).json()
    changed = {"is_new_completion": False, "server_time": "2026-11-20T10:01:00Z"}
    assert second == {**first, **changed}
    assert LedgerEntry.objects.count() == 1


def test_second_end_with_another_score_is_a_conflict(learner_api, session_id):
    learner_api.post(END, {"session_id": session_id, "score": 850})
    answer = learner_api.post(END, {"session_id": session_id, "score": 851})
    assert (answer.status_code, answer.json()["code"]) == (409, "session_already_ended")


def test_an_ended_session_is_answered_even_when_tracking_is_off(learner_api, session_id, settings):
    learner_api.post(END, {"session_id": session_id, "score": 850})
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    assert learner_api.post(END, {"session_id": session_id}).status_code == 200


def test_without_a_score_the_score_is_zero(learner_api, session_id):
    answer = learner_api.post(END, {"session_id": session_id}).json()
    assert (answer["session"]["score"], answer["awarded_xp"]) == (None, 10)
    assert learner_api.post(END, {"session_id": session_id, "score": 0}).json()["is_new_completion"] is False


def test_a_session_of_another_learner_is_not_found(sign_in, session_id):
    other = sign_in(UserFactory())
    answers = [other.post(END, {"session_id": pk}).json() for pk in [session_id, 999_999]]
    for answer in answers:
        answer.pop("request_id")
    assert answers[0] == answers[1]
    assert (answers[0]["status"], answers[0]["code"]) == (404, "session_not_found")


def test_a_session_too_old_is_abandoned_whether_or_not_it_was_swept(
    learner_api, session_id, time_machine, sign_in, learner
):
    time_machine.shift(timedelta(hours=24, seconds=1))
    client = sign_in(learner)
    for sweep in [False, True]:
        if sweep:
            call_command("sweep_sessions")
        answer = client.post(END, {"session_id": session_id, "score": 1})
        assert (answer.status_code, answer.json()["code"]) == (409, "session_abandoned")
    assert Completion.objects.count() == 0


def test_the_sweep_abandons_only_sessions_that_are_too_old(level, learner, capsys):
    now = timezone.now()
    ages = {"old": timedelta(hours=24, seconds=1), "young": timedelta(hours=24)}
    for name, age in ages.items():
        LearningSession.objects.create(learner=learner, level=LevelFactory(name=name), start_time=now - age)
    call_command("sweep_sessions")
    call_command("sweep_sessions")
    assert capsys.readouterr().out == "1 stale sessions abandoned.\n0 stale sessions abandoned.\n"
    assert dict(LearningSession.objects.values_list("level__name", "status")) == {"old": "abandoned", "young": "open"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"session_id": "1"},
        {"session_id": 0},
        {"session_id": True},
        {"session_id": MINE, "score": 1001},
        {"session_id": MINE, "score": "85"},
        {"session_id": MINE, "xp": 5},
        {"session_id": MINE, "metadata": {"hints_used": 1.5}},
    ],
)
def test_bad_input_ends_nothing(learner_api, session_id, body):
    body = {**body, "session_id": session_id} if body.get("session_id") is MINE else body
    assert learner_api.post(END, body).status_code == 400
    assert LearningSession.objects.get().status == "open"


def test_a_session_can_end_after_its_level_was_closed(learner_api, session_id, level):
    level.unlocked = False
    level.save()
    assert learner_api.post(END, {"session_id": session_id, "score": 1}).status_code == 200


def test_a_clock_that_was_set_back_gives_no_time_spent(learner_api, session_id, time_machine):
    time_machine.shift(-30)
    assert learner_api.post(END, {"session_id": session_id, "score": 1}).json()["time_spent"] == 0
