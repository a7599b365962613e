"""`sent_at`: the times of a client with a wrong clock are shifted by the difference to the server's clock."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gamification.models import ActivityDay
from tests.factories import LevelFactory
from tracking.models import Completion, LearningSession
from tracking.recording.clocks import EARLIEST, LATEST, clock_shift, shift_moment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def text(moment):
    return moment.isoformat().replace("+00:00", "Z")


def clock(*, behind):
    """What `sent_at` is on a device whose clock is behind by as much."""
    return text(NOW - behind)


def event(**more):
    return {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": "level-3", "score": 850, **more}


@pytest.mark.parametrize(
    ("behind", "shift"),
    [(0, 0), (119, 0), (120, 0), (121, 121), (-120, 0), (-121, -121), (86_400, 86_400), (3600.4, 3600)],
)
def test_a_clock_is_corrected_when_it_is_wrong_by_more_than_two_minutes(behind, shift):
    assert clock_shift(NOW - timedelta(seconds=behind), NOW) == timedelta(seconds=shift)


def test_without_the_time_of_sending_nothing_is_shifted():
    assert clock_shift(None, NOW) == timedelta(0)


def test_a_moment_beyond_all_dates_is_the_last_or_first_one():
    century = timedelta(days=36_525)
    assert shift_moment(LATEST, century) == LATEST
    assert shift_moment(EARLIEST, -century) == EARLIEST


@pytest.mark.parametrize("behind", [26 * HOUR, -26 * HOUR, 400 * DAY])
def test_a_wrong_clock_costs_nobody_a_day(complete, level, behind):
    played = NOW - 20 * HOUR
    answer = complete(score=850, occurred_at=text(played - behind), sent_at=clock(behind=behind)).json()
    assert answer["clock_shifted_by"] == behind.total_seconds()
    assert Completion.objects.get().occurred_at == played
    assert ActivityDay.objects.get().date == played.date()


def test_the_same_in_a_batch_for_completions_and_sessions(learner_api, level):
    behind = 5 * HOUR
    events = [
        event(occurred_at=text(NOW - behind - DAY)),
        {**event(start_time=text(NOW - behind - 2 * DAY), time_spent=300), "type": "session"},
        event(score=900),
    ]
    answer = learner_api.post("/api/v1/sync", {"events": events, "sent_at": clock(behind=behind)}).json()
    assert ([result["status"] for result in answer["results"]], answer["clock_shifted_by"]) == (["created"] * 3, 18_000)
    moments = [NOW - 2 * DAY + timedelta(seconds=300), NOW - DAY, NOW]
    assert list(Completion.objects.order_by("occurred_at").values_list("occurred_at", flat=True)) == moments
    assert LearningSession.objects.get().start_time == NOW - 2 * DAY


def test_a_session_that_the_server_started_is_not_shifted(learner_api, level):
    session = learner_api.post("/api/v1/sessions/start", {"level_id": "level-3"}).json()["session_id"]
    ended = {"type": "session", "client_event_id": str(uuid4()), "session_id": session, "score": 850, "time_spent": 0}
    body = {"events": [{**ended, "start_time": text(NOW)}], "sent_at": clock(behind=5 * HOUR)}
    assert learner_api.post("/api/v1/sync", body).json()["results"][0]["status"] == "created"
    assert Completion.objects.get().occurred_at == LearningSession.objects.get().start_time == NOW


@pytest.mark.parametrize("sent_at", [{}, {"sent_at": None}, {"sent_at": text(NOW - timedelta(seconds=90))}])
def test_a_clock_that_is_nearly_right_or_unknown_shifts_nothing(complete, level, sent_at):
    assert complete(score=850, occurred_at=text(NOW - DAY), **sent_at).json()["clock_shifted_by"] == 0
    assert Completion.objects.get().occurred_at == NOW - DAY


def test_a_result_without_a_time_happened_now_whatever_the_clock_says(complete, level):
    complete(score=850, sent_at=clock(behind=DAY))
    assert Completion.objects.get().occurred_at == NOW


@pytest.mark.parametrize(
    ("occurred_at", "sent_at"),
    [
        (NOW - DAY, NOW + 30 * DAY),
        (NOW, NOW - timedelta(minutes=6)),
        (NOW - 31 * DAY, NOW),
        (NOW, LATEST),
        (LATEST, EARLIEST),
    ],
)
def test_the_window_is_checked_after_the_shift(complete, level, occurred_at, sent_at):
    """So nothing older than 30 days, or ahead, gets in by a lie about the clock."""
    answer = complete(score=850, occurred_at=text(occurred_at), sent_at=text(sent_at))
    assert (answer.status_code, answer.json()["code"]) == (400, "clock_out_of_range")


def test_trust_is_judged_after_the_shift(complete, level):
    behind = 3 * HOUR
    assert (
        complete(score=850, occurred_at=clock(behind=behind), sent_at=clock(behind=behind)).json()["trust"]
        == "reported"
    )
    earlier = text(NOW - behind - HOUR)
    assert complete(score=900, occurred_at=earlier, sent_at=clock(behind=behind)).json()["trust"] == "offline"


@pytest.mark.parametrize("path", ["levels/complete", "sync"])
def test_a_retry_with_another_time_of_sending_is_the_same_result(learner_api, level, path):
    result = event(occurred_at=text(NOW - DAY))
    bodies = [
        ({"events": [result]} if path == "sync" else {name: result[name] for name in result if name != "type"})
        | {"sent_at": clock(behind=behind)}
        for behind in (DAY / 2, HOUR)
    ]
    first, second = (learner_api.post(f"/api/v1/{path}", body).json() for body in bodies)
    if path == "sync":
        assert [answer["results"][0]["status"] for answer in (first, second)] == ["created", "replayed"]
    else:
        assert [answer["is_new_completion"] for answer in (first, second)] == [True, False]
    assert Completion.objects.get().occurred_at == NOW - DAY / 2


def test_a_key_may_be_repeated_with_another_time_of_sending_but_no_other_body(complete, level):
    key = {"Idempotency-Key": "k"}
    first = complete(score=850, sent_at=text(NOW), headers=key)
    again = complete(score=850, sent_at=text(NOW + timedelta(seconds=30)), headers=key)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert complete(score=900, sent_at=text(NOW), headers=key).status_code == 422


def test_what_a_lie_about_the_clock_reaches_could_be_claimed_without_it(complete, level):
    """Two levels alike: once with the truth about the clock and a chosen time, once the other way round."""
    LevelFactory(level_id="level-4", name="Another", expected_time_seconds=1500, xp_reward=200)
    told = NOW - 3 * DAY
    plain = complete(score=850, occurred_at=text(told)).json()
    lied = complete(level_id="level-4", score=850, occurred_at=text(NOW), sent_at=text(NOW + 3 * DAY)).json()
    assert [answer["trust"] for answer in (plain, lied)] == ["offline", "offline"]
    assert plain["awarded_xp"] == lied["awarded_xp"]
    assert set(Completion.objects.values_list("occurred_at", flat=True)) == {told}


@pytest.mark.parametrize("path", ["levels/complete", "sync"])
@pytest.mark.parametrize("sent_at", ["yesterday", "2026-03-20T12:00:00", 5])
def test_a_time_of_sending_that_is_not_valid_is_refused(learner_api, level, path, sent_at):
    body = {"events": []} if path == "sync" else {"level_id": "level-3", "score": 850}
    answer = learner_api.post(f"/api/v1/{path}", body | {"sent_at": sent_at})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["sent_at"])
