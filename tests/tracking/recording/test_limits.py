"""The limits of plausibility: what exceeds them is held, clipped, or pays nothing."""

import copy
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from gamification.awards.activity import check_in
from gamification.limit_sets.publishing import publish_limit_set
from gamification.models import ActivityDay, DayUsage, LearnerProfile, LedgerEntry, LimitSet
from gamification.pricing.limits import DEFAULT_LIMITS
from tests.factories import LevelFactory, UserFactory
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.models import Completion, LearningSession
from tracking.recording.services import refuse_completion, release_completion

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


@pytest.fixture
def arena(db):
    """Pays 10 XP each time, and expects no time."""
    return LevelFactory(level_id="arena", kind="mode", max_score=10)


@pytest.fixture
def play(learner_api):
    """`play(score=…)` posts a result of the arena and returns the answer."""

    def play(ago=timedelta(0), client=learner_api, **body):
        event = {"level_id": "arena", "score": 10, "client_event_id": str(uuid4()), **body}
        answer = client.post("/api/v1/levels/complete", {**event, "occurred_at": (timezone.now() - ago).isoformat()})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return play


def publish(**changes):
    limits = {**copy.deepcopy(DEFAULT_LIMITS), **changes}
    draft = LimitSet.objects.create(version=LimitSet.objects.count() + 1, limits=limits)
    return publish_limit_set(draft, at=timezone.now())


def reasons(*answers):
    """The stored reasons, in the order in which the results arrived; empty where one counts."""
    stored = list(Completion.objects.order_by("pk").values_list("held_reason", flat=True))
    assert [answer["held"] for answer in answers] == [bool(reason) for reason in stored][-len(answers) :]
    return stored[-len(answers) :]


def counters(learner):
    return LearnerProfile.objects.get(pk=learner.pk).counters


# Time


@pytest.mark.parametrize(("seconds", "reason"), [(74, "too_fast"), (75, ""), (0, ""), (None, "")])
def test_a_known_time_is_at_least_five_percent_of_the_expected_one(play, level, seconds, reason):
    assert reasons(play(level_id="level-3", time_spent=seconds)) == [reason]


@pytest.mark.parametrize(
    ("seconds", "reason"), [(19, "too_fast"), (20, ""), (0, "time_unknown"), (None, "time_unknown")]
)
def test_the_seconds_that_a_level_asks_for_win_and_have_to_be_known(play, seconds, reason):
    LevelFactory(level_id="asks", expected_time_seconds=1500, metadata={"min_seconds": 20})
    assert reasons(play(level_id="asks", time_spent=seconds)) == [reason]


@pytest.mark.parametrize(("seconds", "reason"), [(0, "too_fast"), (74, "too_fast"), (75, "")])
def test_the_time_that_the_server_measured_has_the_same_minimum(learner_api, level, time_machine, seconds, reason):
    session = learner_api.post("/api/v1/sessions/start", {"level_id": 3}).json()
    time_machine.shift(seconds)
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": session["session_id"], "score": 500}).json()
    assert reasons(answer) == [reason]


def test_the_answer_says_why_in_a_sentence(play, level):
    answer = play(level_id="level-3", time_spent=1)
    assert answer["held_reason"] == (
        "This result took less time than anybody needs. It counts once our staff have looked at it."
    )
    assert play(level_id="level-3", time_spent=100)["held_reason"] is None


def test_a_clock_hour_has_75_minutes_of_play(play, level):
    events = [play(MINUTE * minute, level_id="level-3", time_spent=1500) for minute in (0, 1, 2, 3)]
    assert reasons(*events) == ["", "", "", "overlapping_time"]


def test_time_counts_in_the_hours_that_it_covers(play, level):
    """25 minutes that end at 10:05 are 5 minutes of this hour and 20 of the one before."""
    late = [play(MINUTE * 25, level_id="level-3", time_spent=1500) for _ in range(3)]
    assert reasons(*late) == ["", "", ""]
    now = [play(level_id="level-3", time_spent=1500) for _ in range(3)]
    assert reasons(*now) == ["", "", "overlapping_time"]
    assert DayUsage.objects.get().by_hour == {"9": [0, 3600], "10": [5, 900 + 3000]}


def test_an_unknown_time_counts_as_the_least_that_is_possible(play, level):
    publish(seconds_per_hour=150)
    answers = [play(level_id="level-3") for _ in range(3)]
    assert reasons(*answers) == ["", "", "overlapping_time"]


def test_play_over_midnight_counts_on_both_dates(play, level, learner, time_machine):
    time_machine.move_to("2026-11-20T00:10:00Z", tick=False)
    play(level_id="level-3", time_spent=1500)
    by_date = {str(row.date): (row.by_hour, row.by_day) for row in DayUsage.objects.filter(learner=learner)}
    assert by_date == {
        "2026-11-19": ({"23": [0, 900]}, {}),
        "2026-11-20": ({"0": [1, 600]}, {"xp": 10, "results": 1, "metrics": {"study_seconds": 1500}}),
    }


# Number and XP


def test_a_clock_hour_has_a_number_of_results(play, arena, time_machine):
    publish(completions_per_hour=2)
    assert reasons(play(), play(), play(), play(HOUR), play(-3 * MINUTE)) == ["", "", "too_many", "", "too_many"]
    time_machine.shift(29 * 60)
    assert reasons(play(), play(-MINUTE)) == ["too_many", ""]


def test_other_learners_have_their_own_hour(play, arena, sign_in):
    publish(completions_per_hour=1)
    assert reasons(play(), play(client=sign_in(UserFactory())), play()) == ["", "", "too_many"]


def test_the_result_that_crosses_the_daily_limit_is_held_whole(play, arena, learner):
    publish(xp_per_day=25)
    assert reasons(play(), play(), play(), play()) == ["", "", "too_much_xp", "too_much_xp"]
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 20


def test_what_pays_less_may_still_fit(play, arena):
    LevelFactory(level_id="small", xp_rule="fixed", xp_reward=5)
    publish(xp_per_day=25)
    assert reasons(play(), play(), play(), play(level_id="small")) == ["", "", "too_much_xp", ""]


def test_the_first_result_of_a_day_is_never_held_for_its_xp(play):
    LevelFactory(level_id="epic", xp_rule="fixed", xp_reward=9000)
    LevelFactory(level_id="arena", kind="mode", max_score=10)
    assert reasons(play(level_id="epic"), play(), play(DAY)) == ["", "too_much_xp", ""]


def test_bonus_and_achievements_do_not_count_towards_the_day(play, arena, learner):
    publish(xp_per_day=20)
    check_in(learner.pk, at=timezone.now() - DAY)
    answers = play(), play()
    assert [entry["reason"] for entry in answers[0]["entries"]] == ["level_completion", "streak_bonus"]
    assert reasons(*answers) == ["", ""]


def test_the_day_is_that_of_the_learner(sign_in, play, arena):
    publish(xp_per_day=10)
    jakarta = sign_in(UserFactory(profile__time_zone="Asia/Jakarta"))  # 17:30 there
    moments = [timedelta(0), 17 * HOUR, 18 * HOUR]  # 17:30 and 00:30 today, 23:30 yesterday
    assert reasons(*[play(ago, client=jakarta) for ago in moments]) == ["", "too_much_xp", ""]


def test_a_level_that_pays_in_full_does_so_a_number_of_times_a_day(play, arena):
    publish(full_repeats_per_day=2)
    LevelFactory(level_id="other", kind="mode", max_score=10)
    answers = [play(), play(), play(), play(level_id="other"), play(DAY)]
    assert [answer["awarded_xp"] for answer in answers] == [10, 10, 0, 10, 10]
    assert answers[2]["xp_breakdown"] == [{"factor": "base", "value": 10}, {"factor": "repeat_limit", "value": -10}]
    assert reasons(*answers) == [""] * 5


# Metrics


def test_of_a_metric_a_day_counts_only_so_much(play, arena, learner):
    publish(metric_per_day={"words_learned": 70, "conversations": None, "study_seconds": None})
    answers = [play(metadata={"words_learned": 50, "conversations": 50}) for _ in range(3)]
    cut = [{"factor": "metric_limit", "value": 0}]
    assert [answer["xp_breakdown"][1:] for answer in answers] == [[], cut, cut]
    assert [answer["awarded_xp"] for answer in answers] == [10, 10, 10]
    assert (counters(learner)["words_learned"], counters(learner)["conversations"]) == (70, 150)
    assert list(Completion.objects.order_by("pk").values_list("counted", flat=True)) == [
        None,
        {"words_learned": 20},
        {"words_learned": 0},
    ]
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []


def test_a_result_that_was_not_passed_adds_to_no_metric_but_keeps_the_streak(play, learner):
    LevelFactory(level_id="exam", pass_score=600)
    play(level_id="exam", score=599, time_spent=60, metadata={"words_learned": 50, "language": "en"})
    profile = LearnerProfile.objects.get(pk=learner.pk)
    assert (profile.counters, profile.streak_run) == ({}, 1)
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []


# Before the account


def test_results_from_before_the_account_share_its_first_day(play, arena, learner, sign_in):
    newcomer = UserFactory(date_joined=timezone.now() - HOUR)
    client = sign_in(newcomer)
    publish(xp_per_day=20)
    answers = [play(days * DAY, client=client) for days in (9, 8, 7)]
    assert reasons(*answers) == ["", "", "too_much_xp"]
    assert [str(day.date) for day in ActivityDay.objects.filter(learner=newcomer)] == ["2026-11-20"]
    entries = LedgerEntry.objects.filter(learner=newcomer)
    assert {entry.effective_at for entry in entries} == {newcomer.date_joined}
    stored = Completion.objects.filter(learner=newcomer).order_by("pk")
    assert [timezone.now() - row.occurred_at for row in stored] == [9 * DAY, 8 * DAY, 7 * DAY]
    assert list(rebuild_profiles(write=False, at=timezone.now())) == []


def test_the_hours_before_the_account_are_those_in_which_it_was_played(play, level, sign_in):
    client = sign_in(UserFactory(date_joined=timezone.now()))
    answers = [play(hours * HOUR, client=client, level_id="level-3", time_spent=3000) for hours in (30, 29, 28, 27)]
    assert reasons(*answers) == ["", "", "", ""]


# Release and refusal


def test_what_is_held_changes_nothing_and_pays_when_it_is_released(play, arena, learner):
    publish(xp_per_day=10)
    play()
    before = LearnerProfile.objects.values().get(pk=learner.pk), list(DayUsage.objects.values())
    answer = play(metadata={"words_learned": 10})
    assert (LearnerProfile.objects.values().get(pk=learner.pk), list(DayUsage.objects.values())) == before
    assert (answer["held"], answer["awarded_xp"], answer["streak"], answer["entries"]) == (True, 0, None, [])
    held = Completion.objects.get(held=True)
    assert (held.held_reason, held.limit_version) == ("too_much_xp", 2)
    release_completion(held, at=timezone.now() + DAY)
    held.refresh_from_db()
    assert (held.held, held.held_reason, held.limit_version) == (False, "", None)
    assert (held.answer["awarded_xp"], held.answer["held"], held.answer["held_reason"]) == (10, False, None)
    assert LedgerEntry.objects.last().effective_at == held.occurred_at
    assert counters(learner)["words_learned"] == 10


def test_a_refused_result_says_so_for_ever(play, arena):
    publish(completions_per_hour=1)
    event = str(uuid4())
    play()
    assert "very many levels" in play(client_event_id=event)["held_reason"]
    refuse_completion(Completion.objects.get(held=True), at=timezone.now())
    again = play(client_event_id=event)
    assert (again["held"], again["held_reason"]) == (
        True,
        "Our staff have looked at this result and did not accept it.",
    )


# Switched off


def test_an_empty_limit_is_no_limit(play, arena, level):
    nothing = dict.fromkeys(DEFAULT_LIMITS) | {"metric_per_day": dict.fromkeys(DEFAULT_LIMITS["metric_per_day"])}
    publish(**nothing)
    answers = [play(metadata={"words_learned": 500}) for _ in range(12)]
    answers += [play(level_id="level-3", time_spent=1)]
    assert reasons(*answers) == [""] * 13
    assert {answer["awarded_xp"] for answer in answers[:12]} == {10}


@pytest.mark.usefixtures("unlimited")
def test_all_limits_can_be_switched_off(play, arena, level, learner):
    publish(completions_per_hour=1, xp_per_day=1, full_repeats_per_day=1)
    answers = [play(), play(), play(level_id="level-3", time_spent=1)]
    assert reasons(*answers) == ["", "", ""]
    assert [answer["awarded_xp"] for answer in answers] == [10, 10, 15]
    assert not DayUsage.objects.exists()


def test_usage_that_no_result_can_add_to_is_purged(play, arena, time_machine, learner):
    play(), play(DAY)
    DayUsage.objects.create(learner=learner, date=(timezone.now() - 40 * DAY).date())
    call_command("purge_idempotency_keys", verbosity=0)
    assert [str(row.date) for row in DayUsage.objects.order_by("date")] == ["2026-11-19", "2026-11-20"]


# Batches


def test_a_batch_is_limited_as_single_results_are(learner_api, arena, learner):
    publish(completions_per_hour=3, xp_per_day=45)
    moments = [0, 1, 2, 3, 60, 61, 120]

    def event(minute):
        at = (timezone.now() - minute * MINUTE).isoformat()
        return {"type": "level_completion", "level_id": "arena", "score": 10, "occurred_at": at}

    events = [{**event(minute), "client_event_id": str(uuid4())} for minute in moments]
    results = learner_api.post("/api/v1/sync", {"events": events}).json()["results"]
    by_minute = dict(zip(moments, [result["status"] for result in results], strict=True))
    # In the order in which they happened: 40 XP fit into the day.
    assert [minute for minute in sorted(moments, reverse=True) if by_minute[minute] == "created"] == [120, 61, 60, 3]
    assert {by_minute[minute] for minute in (0, 1, 2)} == {"held"}
    assert DayUsage.objects.get().by_day["xp"] == 40


def test_sessions_that_took_place_offline_count_their_time(learner_api, level):
    def event(minute):
        started = (timezone.now() - (25 + minute) * MINUTE).isoformat()
        body = {"type": "session", "level_id": "level-3", "start_time": started, "time_spent": 1500, "score": 500}
        return {**body, "client_event_id": str(uuid4())}

    results = learner_api.post("/api/v1/sync", {"events": [event(minute) for minute in range(4)]}).json()["results"]
    assert sorted(result["status"] for result in results) == ["created", "created", "created", "held"]
    assert LearningSession.objects.count() == 4
