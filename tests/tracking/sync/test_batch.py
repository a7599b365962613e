"""POST sync: a result for each event, in the order sent; events are recorded in the order in which they happened."""

from uuid import uuid4

import pytest
from django.conf import settings

from gamification.models import LearnerProfile, LedgerEntry
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tracking.models import Completion, IdempotencyKey

from .conftest import DAY, HOUR, NOW, codes, completion_event, statuses

pytestmark = pytest.mark.django_db


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def test_the_result_of_a_created_event_is_its_reward(post, levels):
    event = completion_event("one", HOUR)
    assert post([event]).json() == {
        "success": True,
        "results": [
            {
                "client_event_id": event["client_event_id"],
                "status": "created",
                "awarded_xp": 18,
                "total_awarded_xp": 18,
                "new_total_xp": 18,
                "xp_breakdown": [{"factor": "base", "value": 10}, {"factor": "score", "value": 8}],
                "level_up": False,
                "player_level": 1,
                "title": "Novice",
                "streak": {
                    "action": "started",
                    "current_streak": 1,
                    "longest_streak": 1,
                    "freezes_available": 3,
                },
                "unlocked_achievements": [],
                "unlocked_badges": [],
                "entries": [{"reason": "level_completion", "delta": 18, "balance_after": 18}],
                "trust": "offline",
                "held": False,
                "held_reason": None,
                "warnings": [],
            }
        ],
        "server_time": "2026-03-20T12:00:00Z",
        "clock_shifted_by": 0,
    }


def test_the_completion_is_the_one_that_levels_complete_would_have_made(sync, levels, learner_api, learner):
    event = completion_event(
        "one", 3 * DAY, time_spent=60, metadata={"hints_used": 1, "colour": "red"}, difficulty="hard"
    )
    sync(event)
    completion = Completion.objects.get()
    assert (completion.learner, completion.level, completion.source) == (learner, levels[0], "sync")
    assert (completion.occurred_at, completion.created_at) == (NOW - 3 * DAY, NOW)
    assert (completion.metadata, completion.claimed_difficulty) == ({"hints_used": 1}, "hard")
    again = {name: value for name, value in event.items() if name != "type"}
    answer = learner_api.post("/api/v1/levels/complete", again).json()
    assert (answer["is_new_completion"], answer["level"]["name"]) == (False, "The first")


def test_an_empty_batch_has_no_results(post):
    assert post([]).json() == {
        "success": True,
        "results": [],
        "server_time": "2026-03-20T12:00:00Z",
        "clock_shifted_by": 0,
    }


def test_results_stand_in_the_order_sent(sync, levels):
    events = [
        completion_event("three", HOUR),
        completion_event("nowhere", HOUR),
        completion_event("one", 3 * HOUR),
        completion_event("two", 2 * HOUR),
    ]
    results = sync(*events)
    assert [result["client_event_id"] for result in results] == [event["client_event_id"] for event in events]
    assert codes(results) == ["created", "unknown_level", "created", "created"]
    assert [result.get("new_total_xp") for result in results] == [54, None, 18, 36]


def test_levels_that_open_one_another_are_taken_as_they_were_played(sync, levels):
    assert (
        statuses(
            sync(completion_event("one", 3 * HOUR), completion_event("two", 2 * HOUR), completion_event("three", HOUR))
        )
        == ["created"] * 3
    )


def test_a_clock_that_was_set_back_while_playing_locks_nothing(sync, levels):
    """By its clock the second level was played before the first, and the third before both."""
    assert (
        statuses(
            sync(completion_event("one", HOUR), completion_event("two", 2 * HOUR), completion_event("three", 3 * HOUR))
        )
        == ["created"] * 3
    )


def test_a_level_without_its_prerequisites_is_locked_and_its_event_id_stays_free(sync, levels):
    event = completion_event("three", HOUR)
    [result] = sync(event)
    assert (result["problem"]["code"], result["problem"]["status"]) == ("level_locked", 403)
    assert result["problem"]["missing"] == [{"level_id": "two", "name": levels[1].name}]
    assert not Completion.objects.exists()
    assert statuses(sync(event, completion_event("one", HOUR), completion_event("two", HOUR))) == ["created"] * 3


@pytest.mark.parametrize("closed", [{"unlocked": False}, {"coming_soon": True}])
def test_a_level_that_is_closed_to_all_stays_closed(sync, levels, closed):
    Level.objects.filter(level_id="one").update(**closed)
    assert codes(sync(completion_event("one"), completion_event("two"))) == ["level_locked"] * 2


def test_a_completion_that_fails_opens_nothing_and_after_a_held_one_results_are_held(sync, levels):
    since_ever = Level._base_manager  # keeps no history of changes
    since_ever.filter(level_id="one").update(pass_score=900)
    since_ever.filter(level_id="two").update(metadata={"min_seconds": 60})
    assert codes(sync(completion_event("one", 2 * HOUR), completion_event("two", HOUR))) == ["created", "level_locked"]
    events = (
        completion_event("one", 2 * HOUR, score=900),
        completion_event("two", HOUR, time_spent=1),
        completion_event("three"),
    )
    assert codes(sync(*events)) == ["created", "held", "held"]


def test_a_batch_that_is_sent_again_changes_nothing_and_has_the_same_answers(sync, levels, learner):
    LevelFactory(level_id="slow", metadata={"min_seconds": 60})
    events = [
        completion_event("one", 2 * DAY),
        completion_event("two", DAY),
        completion_event("nowhere"),
        completion_event("slow", time_spent=1),
    ]
    first = sync(*events)
    before = (
        list(LedgerEntry.objects.values()),
        list(Completion.objects.values()),
        list(LearnerProfile.objects.values()),
    )
    again = sync(*events)
    assert statuses(first) == ["created", "created", "rejected", "held"]
    assert statuses(again) == ["replayed", "replayed", "rejected", "replayed"]
    assert [without_status(result) for result in again] == [without_status(result) for result in first]
    now = list(LedgerEntry.objects.values()), list(Completion.objects.values()), list(LearnerProfile.objects.values())
    assert now == before


def without_status(result):
    """Without the status and the request id."""
    problem = {**result.get("problem", {}), "request_id": None}
    return {**result, "status": None, "problem": problem}


def test_an_event_twice_in_a_batch_is_paid_once(sync, levels, learner):
    event = completion_event("one")
    first, second = sync(event, event)
    assert (first["status"], second["status"]) == ("created", "replayed")
    assert {**first, "status": None} == {**second, "status": None}
    assert (total_of(learner), Completion.objects.count()) == (18, 1)


def test_an_id_that_stands_for_two_contents_is_refused_the_second_time(sync, levels):
    event = completion_event("one")
    assert codes(sync(event, {**event, "score": 1})) == ["created", "event_id_reused"]
    assert codes(sync({**event, "score": 1})) == ["event_id_reused"]


def test_an_id_of_a_refused_event_is_free_for_the_next_one(sync, levels):
    event = completion_event("one", 31 * DAY)
    assert codes(sync(event, {**event, "occurred_at": NOW.isoformat()})) == ["clock_out_of_range", "created"]


def test_a_copy_of_a_locked_event_is_locked_too(sync, levels):
    event = completion_event("two")
    assert codes(sync(event, event)) == ["level_locked", "level_locked"]


def test_each_learner_has_ids_of_their_own(sync, sign_in, levels):
    event = completion_event("one")
    assert statuses(sync(event)) == statuses(sync(event, client=sign_in(UserFactory()))) == ["created"]


def test_the_learners_own_user_id_is_accepted_in_the_batch_and_in_an_event(learner_api, learner, levels):
    body = {"events": [completion_event("one", user_id=learner.pk)], "user_id": learner.pk}
    assert statuses(learner_api.post("/api/v1/sync", body).json()["results"]) == ["created"]


def test_more_than_500_events_are_refused_with_the_number(post, levels):
    answer = post([completion_event("one")] * 501)
    assert (answer.status_code, answer.json()["errors"]) == (400, {"events": ["At most 500 events at once."]})
    assert not Completion.objects.exists()
    assert post([completion_event("one")] * 500).status_code == 200


def test_a_batch_may_be_larger_than_other_bodies_but_no_larger_than_a_mebibyte(learner_api, levels):
    def send(size):
        body = b'{"events": []}'.ljust(size)
        return learner_api.generic("POST", "/api/v1/sync", body, content_type="application/json").status_code

    assert (send(settings.API_BODY_LIMIT + 1), send(2**20), send(2**20 + 1)) == (200, 200, 413)


def test_an_idempotency_key_keeps_the_whole_answer_however_large(post, levels):
    events = [completion_event("one"), *(completion_event("one", padding="x" * 200) for _ in range(400))]
    first, second = (post(events, **{"Idempotency-Key": "batch"}) for _ in range(2))
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.content == second.content
    assert IdempotencyKey.objects.count() == 1
    assert post([], **{"Idempotency-Key": "batch"}).status_code == 422


def test_the_answer_to_a_batch_that_recorded_nothing_is_not_kept(post, levels):
    known, locked, key = completion_event("one", HOUR), completion_event("three"), {"Idempotency-Key": "batch"}
    post([known])
    first = post([locked, known | {"score": 1}, known], **key)
    assert codes(first.json()["results"]) == ["level_locked", "event_id_reused", "replayed"]
    assert not IdempotencyKey.objects.exists()
    LevelFactory(level_id="open")
    assert codes(post([completion_event("open")], **key).json()["results"]) == ["created"]


def test_the_answer_to_hostile_events_is_bounded(post, levels):
    hostile = {f"{number}{'x' * 100}": 1 for number in range(15)}
    answer = post([completion_event("one", client_event_id="x" * 200, **hostile) for _ in range(500)])
    assert [len(result["problem"]["errors"]) for result in answer.json()["results"]] == [3] * 500
    assert {result["client_event_id"] for result in answer.json()["results"]} == {None}
    assert len(answer.content) < 512 * 1024


def test_disabled_tracking_refuses_new_events_and_repeats_stored_answers(post, sync, levels, settings):
    known = completion_event("one", HOUR)
    sync(known)
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    assert statuses(sync(known, {})) == ["replayed", "rejected"]
    answer = post([known, completion_event("two")])
    assert (answer.status_code, answer.json()["code"]) == (403, "tracking_disabled")
    assert Completion.objects.count() == 1


def test_anonymous_clients_get_401(api, post, levels):
    assert post([completion_event("one")], client=api).status_code == 401


def test_levels_may_be_named_by_number(sync):
    LevelFactory(level_id="nine", number=9)
    assert statuses(sync(completion_event(9), completion_event("9"))) == ["created", "created"]


def test_the_same_result_under_two_ids_counts_twice(sync, levels):
    """Events are the same if their ids are; the window for clients without ids does not apply."""
    assert statuses(sync(completion_event("one"), completion_event("one", client_event_id=str(uuid4())))) == [
        "created",
        "created",
    ]
