"""Sessions in a batch: started online and ended offline, or wholly offline; each completes its level once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from gamification.models import LearnerProfile, LedgerEntry
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion, LearningSession
from tracking.recording.services import start_session

from .conftest import NOW, completion_event, session_event
from .test_batch import codes, statuses

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def start(learner, levels):
    """`start(ago)` -> the primary key of a session on level one that was started online."""

    def start(ago, level="one"):
        return start_session(learner=learner, level=level, resume=False, at=NOW - ago)[0].pk

    return start


def ended(session_id, **more):
    event = {"type": "session", "client_event_id": str(uuid4()), "session_id": session_id, "time_spent": 300}
    return {**event, "score": 850, **more}


def session_of(result_or_pk):
    return LearningSession.objects.values("status", "score", "time_spent", "start_time", "end_time").get(
        pk=result_or_pk
    )


def test_a_session_started_online_ends_at_the_offline_moment(sync, start, learner):
    pk = start(3 * HOUR)
    [result] = sync(ended(pk))
    assert (result["status"], result["awarded_xp"]) == ("created", 18)
    assert session_of(pk) == {
        "status": "ended",
        "score": 850,
        "time_spent": 300,
        "start_time": NOW - 3 * HOUR,
        "end_time": NOW - 3 * HOUR + 5 * MINUTE,
    }
    completion, line = Completion.objects.get(), LedgerEntry.objects.get()
    assert (completion.session_id, completion.time_spent, completion.source) == (pk, 300, "sync")
    assert completion.occurred_at == line.effective_at == NOW - 3 * HOUR + 5 * MINUTE
    assert (line.reason, LearnerProfile.objects.get(pk=learner.pk).counters["sessions_completed"]) == (
        "session_completion",
        1,
    )


def test_a_session_that_took_place_offline_is_recorded_whole(sync, levels, learner_api):
    [result] = sync(session_event(2 * DAY, level_id="one", metadata={"hints_used": 0}))
    session = LearningSession.objects.get()
    assert (result["status"], result["awarded_xp"], result["entries"][0]["reason"]) == (
        "created",
        23,
        "session_completion",
    )
    assert session_of(session.pk) == {
        "status": "ended",
        "score": 850,
        "time_spent": 300,
        "start_time": NOW - 2 * DAY,
        "end_time": NOW - 2 * DAY + 5 * MINUTE,
    }
    [listed] = learner_api.get("/api/v1/sessions/progress").json()["results"]
    assert (listed["session_id"], listed["awarded_xp"]) == (session.pk, 23)


def test_sessions_end_repeats_the_answer_of_the_batch(sync, start, learner_api):
    pk = start(HOUR)
    sync(ended(pk))
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": pk, "score": 850}).json()
    assert (answer["is_new_completion"], answer["awarded_xp"], answer["time_spent"]) == (False, 18, 300)
    assert answer["session"]["session_name"] == "The first"
    assert LedgerEntry.objects.count() == 1


def test_an_end_whose_answer_was_lost_is_replayed_from_the_queue(sync, start, learner_api):
    """sessions/end, which takes no event id, has recorded it."""
    pk = start(10 * MINUTE)
    learner_api.post("/api/v1/sessions/end", {"session_id": pk, "score": 850})
    assert codes(sync(ended(pk), ended(pk, score=None), ended(pk, score=1))) == [
        "replayed",
        "replayed",
        "session_already_ended",
    ]
    assert (Completion.objects.count(), LedgerEntry.objects.count()) == (1, 1)


def test_sessions_that_are_sent_again_change_nothing(sync, start):
    events = [ended(start(HOUR)), session_event(DAY, level_id="one")]
    assert statuses(sync(*events)) == ["created", "created"]
    before = list(LearningSession.objects.order_by("pk").values()), list(Completion.objects.order_by("pk").values())
    assert statuses(sync(*events)) == ["replayed", "replayed"]
    assert before == (
        list(LearningSession.objects.order_by("pk").values()),
        list(Completion.objects.order_by("pk").values()),
    )


def test_one_session_under_two_ids_ends_once(sync, start):
    pk = start(HOUR)
    assert codes(sync(ended(pk), ended(pk), ended(pk, score=1))) == ["created", "replayed", "session_already_ended"]
    assert LedgerEntry.objects.count() == 1


def test_an_id_keeps_its_content_also_for_sessions(sync, start, levels):
    event = ended(start(HOUR))
    offline = session_event(DAY, level_id="one")
    changed = [{**event, "time_spent": 301}, {**offline, "score": 1}, {**offline, "level_id": "two"}]
    assert codes(sync(event, offline, *changed)) == ["created", "created", *["event_id_reused"] * 3]


def test_a_session_without_a_known_length_ends_now(sync, start):
    event = ended(start(10 * MINUTE), time_spent=None, score=None)
    assert statuses(sync(event, event)) == ["created", "replayed"]
    assert statuses(sync(event)) == ["replayed"]
    session = LearningSession.objects.get()
    assert (session.end_time, session.time_spent, session.score, Completion.objects.get().score) == (NOW, 600, None, 0)


def test_a_session_that_ended_in_time_counts_although_it_was_abandoned_since(sync, start, learner):
    """A phone comes back from a week in the mountains; the server has given the session up long ago."""
    old = start(7 * DAY)
    assert start(6 * DAY) != old  # the newer start abandoned it
    assert LearningSession.objects.get(pk=old).status == "abandoned"
    assert statuses(sync(ended(old))) == ["created"]
    assert session_of(old)["end_time"] == NOW - 7 * DAY + 5 * MINUTE


def test_a_session_that_would_end_now_must_not_be_abandoned(sync, start):
    assert codes(sync(ended(start(2 * DAY), time_spent=None))) == ["session_abandoned"]


def test_a_session_longer_than_sessions_last_is_abandoned(sync, start, settings):
    settings.SESSION_MAX_AGE = HOUR
    assert codes(sync(ended(start(3 * HOUR), time_spent=3601))) == ["session_abandoned"]


def test_a_session_of_another_learner_is_not_found(sync, start, sign_in):
    pk = start(HOUR)
    client = sign_in(UserFactory())
    theirs, nobodys = sync(ended(pk), client=client)[0], sync(ended(987_654_321), client=client)[0]
    assert theirs["problem"]["code"] == nobodys["problem"]["code"] == "session_not_found"
    assert {**theirs["problem"], "request_id": None} == {**nobodys["problem"], "request_id": None}
    assert session_of(pk)["status"] == "open"


def test_a_session_started_online_is_ended_though_its_level_has_been_closed(sync, start, levels):
    pk = start(HOUR)
    levels[0].unlocked = False
    levels[0].save()
    assert codes(sync(session_event(timedelta(), level_id="one"))) == ["level_locked"]
    assert codes(sync(ended(pk))) == ["created"]
    assert LearningSession.objects.count() == 1


def test_a_session_opens_the_next_level(sync, levels):
    assert statuses(sync(session_event(2 * HOUR, level_id="one"), completion_event("two", HOUR))) == [
        "created",
        "created",
    ]


def test_a_session_is_found_by_the_name_in_another_language(sync, levels):
    LevelFactory(level_id="morse", name="Sandi Morse", language="id", translations={"en": {"name": "Morse Code"}})
    assert statuses(sync(session_event(level_id="Morse Code"))) == ["created"]
    assert Completion.objects.get().level.level_id == "morse"


def test_a_session_may_name_its_level_as_sessions_do(sync, levels):
    assert statuses(sync(session_event(level_id="The first"), session_event(level_id=levels[0].number))) == [
        "created",
        "created",
    ]
    LevelFactory(level_id="The-first"), LevelFactory(level_id="x", name="one")
    sync(session_event(level_id="one"))
    assert LearningSession.objects.latest("pk").level == levels[0]


def test_an_implausible_session_ends_and_waits_for_staff(sync, learner):
    LevelFactory(level_id="slow", metadata={"min_seconds": 600})
    [result] = sync(session_event(level_id="slow"))
    assert (result["status"], result["awarded_xp"]) == ("held", 0)
    assert LearningSession.objects.get().status == "ended"


@pytest.mark.parametrize(
    ("more", "code", "fields"),
    [
        ({"level_id": "one", "session_id": 1}, "invalid", ["session_id"]),
        ({}, "invalid", ["session_id"]),
        ({"level_id": "one", "start_time": None}, "invalid", ["start_time"]),
        ({"level_id": "one", "time_spent": None}, "invalid", ["time_spent"]),
        ({"level_id": "one", "time_spent": 86_401}, "invalid", ["time_spent"]),
        ({"level_id": "one", "start_time": "9999-12-31T23:59:59Z"}, "invalid", ["start_time"]),
        ({"level_id": "one", "start_time": "0001-01-01T00:00:00+14:00"}, "invalid", ["start_time"]),
        ({"level_id": "one", "score": "850"}, "invalid", ["score"]),
        ({"level_id": "one", "score": 1001}, "invalid", ["score"]),
        ({"session_id": 0}, "invalid", ["session_id"]),
        ({"session_id": "1"}, "invalid", ["session_id"]),
        ({"session_id": 2**53}, "session_not_found", []),
        ({"level_id": "one", "end_time": "2026-03-20T11:00:00Z"}, "invalid", ["end_time"]),
        ({"level_id": "nowhere"}, "unknown_level", []),
        ({"level_id": "three"}, "level_locked", []),
        ({"level_id": "one", "start_time": "2026-02-18T11:54:59Z"}, "clock_out_of_range", []),
        ({"level_id": "one", "start_time": "2026-03-20T12:00:01Z"}, "clock_out_of_range", []),
    ],
)
def test_an_invalid_session_is_rejected_alone(sync, levels, more, code, fields):
    bad, good = sync(session_event() | more, session_event(level_id="one"))
    assert (bad["status"], bad["problem"]["code"], good["status"]) == ("rejected", code, "created")
    assert list(bad["problem"].get("errors", {})) == fields
    assert LearningSession.objects.count() == Completion.objects.count() == 1


def test_a_session_started_online_cannot_end_in_the_future(sync, start):
    pk = start(MINUTE)
    assert codes(sync(ended(pk, time_spent=361))) == ["clock_out_of_range"]
    assert session_of(pk)["status"] == "open"
