"""POST sync: a result for each event, in the order sent; events are recorded in the order in which they happened."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings

from gamification.leaderboards.backends import board
from gamification.leaderboards.base import METRICS
from gamification.models import ActivityDay, LearnerProfile, LedgerEntry, Unlock
from levels.models import Level
from tests.factories import LevelFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, metric
from tracking.models import Completion, IdempotencyKey
from tracking.recording.services import release_completion

from .conftest import NOW, completion_event, session_event

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def statuses(results):
    return [result["status"] for result in results]


def codes(results):
    return [result["problem"]["code"] if "problem" in result else result["status"] for result in results]


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
                "warnings": [],
            }
        ],
        "server_time": "2026-03-20T12:00:00Z",
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
    assert post([]).json() == {"success": True, "results": [], "server_time": "2026-03-20T12:00:00Z"}


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


def test_a_level_that_nothing_opens_is_locked_and_its_id_stays_free(sync, levels):
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


def test_a_completion_that_fails_or_is_held_opens_nothing(sync, levels):
    since_ever = Level._base_manager  # keeps no history of changes
    since_ever.filter(level_id="one").update(pass_score=900)
    since_ever.filter(level_id="two").update(metadata={"min_seconds": 60})
    assert codes(sync(completion_event("one", 2 * HOUR), completion_event("two", HOUR))) == ["created", "level_locked"]
    events = (
        completion_event("one", 2 * HOUR, score=900),
        completion_event("two", HOUR, time_spent=1),
        completion_event("three"),
    )
    assert codes(sync(*events)) == ["created", "held", "level_locked"]


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


@pytest.mark.parametrize(
    ("event", "code", "field"),
    [
        (None, "invalid", None),
        (7, "invalid", None),
        ("level_completion", "invalid", None),
        ([], "invalid", None),
        ({}, "invalid", "type"),
        ({"type": "attempt"}, "invalid", "type"),
        ({"type": ["session"]}, "invalid", "type"),
        (completion_event("one", client_event_id=None), "invalid", "client_event_id"),
        (completion_event("one", client_event_id="one"), "invalid", "client_event_id"),
        (completion_event("one", client_event_id=1), "invalid", "client_event_id"),
        (completion_event("one", score="850"), "invalid", "score"),
        (completion_event("one", score=850.5), "invalid", "score"),
        (completion_event("one", score=True), "invalid", "score"),
        (completion_event("one", score=-1), "invalid", "score"),
        (completion_event("one", score=1001), "invalid", "score"),
        (completion_event("one", time_spent=86_401), "invalid", "time_spent"),
        (completion_event("one", occurred_at="yesterday"), "invalid", "occurred_at"),
        (completion_event("one", occurred_at="2026-03-20T11:00:00"), "invalid", "occurred_at"),
        (completion_event("one", metadata=["hints_used"]), "invalid", "metadata"),
        (completion_event("one", metadata=None), "invalid", "metadata"),
        (completion_event("one", awarded_xp=1000), "invalid", "awarded_xp"),
        (completion_event("one", user_id=987_654_321), "invalid", "user_id"),
        (completion_event("nowhere"), "unknown_level", None),
        (completion_event("one", -timedelta(minutes=6)), "clock_out_of_range", None),
        (completion_event("one", 30 * DAY + HOUR), "clock_out_of_range", None),
    ],
)
def test_an_invalid_event_is_rejected_alone(sync, levels, event, code, field):
    good, bad, other = sync(completion_event("one", HOUR), event, completion_event("two"))
    assert (good["status"], bad["status"], other["status"]) == ("created", "rejected", "created")
    assert bad["problem"]["code"] == code
    assert list(bad["problem"].get("errors", {})) == ([field] if field else [])
    sent = event.get("client_event_id") if isinstance(event, dict) else None
    assert bad["client_event_id"] == (sent if isinstance(sent, str) else None)
    assert Completion.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "kept", "warnings"),
    [
        ({"words_learned": 600}, {"words_learned": 500}, {"metadata.words_learned": "It was cut to 500."}),
        ({"words_learned": -1}, {}, {"metadata.words_learned": "It was left out."}),
        ({"hints_used": "0", "mistakes": 2}, {"mistakes": 2}, {"metadata.hints_used": "It was left out."}),
        ({"language": "English (UK)"}, {}, {"metadata.language": "It was left out."}),
        ({"client_version": "v" * 41}, {"client_version": "v" * 40}, {"metadata.client_version": "It was cut to "}),
        ({"client_version": 7}, {}, {"metadata.client_version": "It was left out."}),
        ({"language": "en-GB", "colour": "red"}, {"language": "en-GB"}, {}),
    ],
    ids=str,
)
def test_bad_metadata_is_cut_or_left_out_with_a_warning_and_the_result_counts(sync, levels, sent, kept, warnings):
    event = completion_event("one", metadata=sent)
    [result] = sync(event)
    assert (result["status"], result["awarded_xp"]) == ("created", 18)
    assert Completion.objects.get().metadata == kept
    found = result["warnings"]
    assert [warning["field"] for warning in found] == list(warnings)
    assert all(text in warning["detail"] for warning, text in zip(found, warnings.values(), strict=True))
    assert sync(event) == [{**result, "status": "replayed"}]


def test_a_session_with_bad_metadata_counts_too(sync, levels):
    [result] = sync(session_event(level_id="one", metadata={"words_learned": 501}))
    assert (result["status"], [warning["field"] for warning in result["warnings"]]) == (
        "created",
        ["metadata.words_learned"],
    )


@pytest.mark.parametrize("value", ["insane", 7, None, ["easy"]])
def test_a_claim_that_the_catalogue_overrules_is_left_out_if_it_is_wrong(sync, levels, value):
    [result] = sync(completion_event("one", difficulty=value, level_type=value))
    assert (result["status"], Completion.objects.get().claimed_difficulty) == ("created", "")
    assert [warning["field"] for warning in result["warnings"]] == ["difficulty", "level_type"]


def test_a_single_call_with_bad_metadata_is_refused(learner_api, levels):
    """Its client is there to put it right."""
    body = {"level_id": "one", "score": 850, "metadata": {"words_learned": 600}}
    answer = learner_api.post("/api/v1/levels/complete", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["metadata.words_learned"])


def test_a_rejected_event_carries_the_problem_that_it_would_be_answered_with_alone(sync, levels, learner_api):
    event = completion_event("one", score=1001)
    [result] = sync(event)
    body = {name: value for name, value in event.items() if name != "type"}
    alone = learner_api.post("/api/v1/levels/complete", body).json()
    assert {**result["problem"], "request_id": None} == {**alone, "request_id": None}
    assert result["problem"]["request_id"]


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
    events = [completion_event("one", padding="x" * 200) for _ in range(400)]
    first, second = (post(events, **{"Idempotency-Key": "batch"}) for _ in range(2))
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.content == second.content
    assert IdempotencyKey.objects.count() == 1
    assert post([], **{"Idempotency-Key": "batch"}).status_code == 422


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


def test_days_are_those_on_which_it_happened(sync, levels, learner):
    results = sync(completion_event("one", 2 * DAY), completion_event("two", DAY), completion_event("three"))
    assert [result["streak"]["current_streak"] for result in results] == [1, 2, 3]
    assert [entry["reason"] for entry in results[1]["entries"]] == ["level_completion", "streak_bonus"]
    dates = ActivityDay.objects.filter(learner=learner, completed=True).values_list("date", flat=True)
    assert [date.isoformat() for date in dates] == ["2026-03-18", "2026-03-19", "2026-03-20"]


def test_a_shuffled_queue_makes_the_streak_that_an_orderly_one_makes(sync, sign_in, learner, levels):
    LevelFactory(level_id="arena", kind="mode")
    events = [completion_event("arena", days * DAY) for days in (2, 5, 0, 3, 4, 1)]
    other = UserFactory()
    sync(*events), sync(*sorted(events, key=lambda event: event["occurred_at"]), client=sign_in(other))
    lines = [
        list(LedgerEntry.objects.filter(learner=each).values_list("sequence", "delta", "effective_at"))
        for each in (learner, other)
    ]
    assert lines[0] == lines[1]
    assert LearnerProfile.objects.get(pk=learner.pk).streak_run == 6


def test_windowed_boards_count_xp_on_the_day_it_happened(sync, learner, levels):
    LevelFactory(level_id="arena", kind="mode")
    sync(
        completion_event("arena", DAY, score=100),
        completion_event("arena", 10 * DAY, score=200),
        completion_event("arena", 29 * DAY, score=300),
    )
    scores = {name: board(METRICS[name]).rank_of(learner.pk, at=NOW).score for name in ("xp_weekly", "xp_monthly")}
    assert scores == {"xp_weekly": 11, "xp_monthly": 36}


def test_a_level_played_again_in_a_batch_pays_only_what_is_better(sync, levels):
    scores = [300, 100, 800, 800]
    results = sync(*[completion_event("one", HOUR * (9 - turn), score=score) for turn, score in enumerate(scores)])
    assert [result["awarded_xp"] for result in results] == [13, 0, 5, 0]
    assert results[2]["xp_breakdown"][-1] == {"factor": "already_paid", "value": -13}


def test_what_two_events_of_a_batch_could_each_unlock_is_unlocked_once(sync):
    LevelFactory(level_id="arena", kind="mode")
    condition = {"any": [{"type": "xp", "threshold": 30}, metric("words_learned", 80)]}
    achievement = AchievementFactory(condition=condition, xp_reward=7)
    results = sync(*[completion_event("arena", HOUR * hour, metadata={"words_learned": 30}) for hour in (4, 3, 2, 1)])
    unlocked = [[each["achievement_id"] for each in result["unlocked_achievements"]] for result in results]
    assert unlocked == [[], [achievement.achievement_id], [], []]
    assert [result["total_awarded_xp"] for result in results] == [18, 25, 18, 18]
    assert Unlock.objects.get().earned_at == NOW - 3 * HOUR


def test_a_held_event_pays_when_it_is_released_and_a_retry_says_so(sync, learner):
    LevelFactory(level_id="slow", metadata={"min_seconds": 60})
    event = completion_event("slow", DAY, time_spent=59)
    [held] = sync(event)
    assert (held["status"], held["held"], held["awarded_xp"], held["entries"]) == ("held", True, 0, [])
    release_completion(Completion.objects.get(), at=NOW)
    [told_again] = sync(event)
    assert (told_again["status"], told_again["held"], told_again["awarded_xp"]) == ("replayed", False, 18)
    assert LedgerEntry.objects.get().effective_at == NOW - DAY


def test_above_the_ceiling_of_an_hour_events_of_that_hour_are_held(sync, levels, settings):
    """A week offline comes in one second; that is no reason to doubt it."""
    settings.XP_PER_HOUR_CEILING = 28
    LevelFactory(level_id="arena", kind="mode")
    minutes = [0, 10, 20, 70, 200]
    events = [completion_event("arena", DAY - timedelta(minutes=minute)) for minute in minutes]
    assert statuses(sync(*events)) == ["created", "created", "held", "created", "created"]
    late = completion_event("arena", DAY + timedelta(minutes=5))
    assert statuses(sync(late)) == ["held"]


def test_a_level_passed_by_what_the_ceiling_holds_opens_nothing(sync, levels, settings):
    settings.XP_PER_HOUR_CEILING = 18
    LevelFactory(level_id="arena", kind="mode")
    events = completion_event("arena", HOUR), completion_event("one", HOUR), completion_event("two", HOUR)
    assert codes(sync(*events)) == ["created", "held", "level_locked"]


def test_levels_may_be_named_by_number(sync):
    LevelFactory(level_id="nine", number=9)
    assert statuses(sync(completion_event(9), completion_event("9"))) == ["created", "created"]


def test_the_same_result_under_two_ids_counts_twice(sync, levels):
    """Events are the same if their ids are; the window for clients without ids does not apply."""
    assert statuses(sync(completion_event("one"), completion_event("one", client_event_id=str(uuid4())))) == [
        "created",
        "created",
    ]
