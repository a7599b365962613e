"""Reporting events of metrics: POST metrics/{metric_id}/events."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from gamification.models import ActivityDay, LearnerProfile, LedgerEntry, MetricTotal
from tests.factories import MetricFactory, UserFactory
from tests.gamification.earnables.factories import AchievementFactory, metric
from tests.machines.keys import client_with, make_key, make_pupil
from tests.tracking.metrics.reporting import record
from tracking.models import MetricEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T10:30:00Z", tick=False)


@pytest.fixture
def report(sign_in, learner):
    """Signed in anew each time, since tests move the clock."""

    def report(value=12, *, path="pages_read", client=None, status=200, **body):
        event = {"value": value, "client_event_id": str(uuid4()), **body}
        answer = (client or sign_in(learner)).post(f"/api/v1/metrics/{path}/events", event)
        assert answer.status_code == status, answer.content
        return answer.json()

    return report


def problem(answer):
    return answer["status"], answer["code"]


def test_an_event_counts_and_pays_by_the_unit_rounded_down(report, learner):
    MetricFactory()
    answer = report(15)
    assert answer == {
        "success": True,
        "metric_id": "pages_read",
        "value": 15,
        "counted": 15,
        "total": 15,
        "awarded_xp": 3,
        "total_awarded_xp": 3,
        "new_total_xp": 3,
        "xp_breakdown": [{"factor": "metric", "value": 3}],
        "level_up": False,
        "player_level": 1,
        "title": "Novice",
        "streak": None,
        "unlocked_achievements": [],
        "unlocked_badges": [],
        "entries": [{"reason": "metric", "delta": 3, "balance_after": 3}],
        "trust": "reported",
        "is_new_event": True,
        "server_time": "2026-11-20T10:30:00Z",
        "clock_shifted_by": 0,
    }
    line, event = LedgerEntry.objects.get(), MetricEvent.objects.get()
    assert (line.reason, line.reference_type, line.reference_id, line.subject) == (
        "metric",
        "metric_event",
        str(event.pk),
        "metric:pages_read",
    )
    assert (event.value, event.counted, event.trust, event.server_key) == (15, 15, "reported", "")


def test_each_event_is_rounded_down_by_itself(report):
    MetricFactory(xp_per_unit="1/3")
    assert [report(2)["awarded_xp"], report(2)["awarded_xp"], report(4)["new_total_xp"]] == [0, 0, 1]


def test_a_metric_that_pays_nothing_writes_no_ledger_entry(report, learner):
    MetricFactory(xp_per_unit="0")
    answer = report(7)
    assert (answer["awarded_xp"], answer["xp_breakdown"], answer["total"]) == (0, [], 7)
    assert not LedgerEntry.objects.exists()
    assert LearnerProfile.objects.get(pk=learner.pk).counters == {"pages_read": 7}


def test_a_retry_gets_the_first_answer_and_counts_once(report, time_machine):
    MetricFactory()
    event_id = str(uuid4())
    first = report(client_event_id=event_id)
    report(5)
    time_machine.shift(timedelta(hours=1))
    second = report(client_event_id=event_id)
    assert second == {**first, "is_new_event": False, "server_time": "2026-11-20T11:30:00Z"}
    assert MetricTotal.objects.get().total == 17


def test_a_retry_is_answered_after_the_metric_was_taken_out_of_use(report):
    pages, event_id = MetricFactory(), str(uuid4())
    first = report(client_event_id=event_id)
    pages.published = False
    pages.save()
    assert report(client_event_id=event_id) == {**first, "is_new_event": False}
    assert problem(report(status=404)) == (404, "unknown_metric")


def test_an_event_id_with_another_value_or_metric_is_refused(report):
    MetricFactory()
    MetricFactory(metric_id="laps", name="Laps")
    event_id = str(uuid4())
    report(client_event_id=event_id)
    assert problem(report(13, client_event_id=event_id, status=409)) == (409, "event_id_reused")
    assert problem(report(path="laps", client_event_id=event_id, status=409)) == (409, "event_id_reused")
    assert MetricEvent.objects.count() == 1


def test_event_ids_of_metrics_are_apart_from_those_of_completions(report, learner_api, level):
    MetricFactory()
    event_id = str(uuid4())
    report(client_event_id=event_id)
    body = {"level_id": "level-3", "score": 850, "client_event_id": event_id}
    assert learner_api.post("/api/v1/levels/complete", body).json()["is_new_completion"] is True


def test_two_learners_may_use_the_same_event_id(report, sign_in):
    MetricFactory()
    event_id = str(uuid4())
    mine = report(client_event_id=event_id)
    theirs = report(client_event_id=event_id, client=sign_in(UserFactory()))
    assert (mine["is_new_event"], theirs["is_new_event"]) == (True, True)


@pytest.mark.parametrize("value", [0, -1, 1.5, "5", True, None, 2**63, []])
def test_a_value_that_is_no_positive_whole_number_is_refused(report, value):
    MetricFactory()
    report(value, status=400)
    assert not MetricEvent.objects.exists()


def test_a_value_above_the_most_of_one_event_is_refused(report):
    MetricFactory(per_event_max=100)
    assert report(101, status=400)["errors"] == {"value": ["Must be between 1 and 100."]}
    assert report(100)["total"] == 100


@pytest.mark.parametrize("name", ["no_such", "PAGES_READ", "metric"])
def test_an_unknown_metric_is_not_found(report, name):
    MetricFactory()
    assert problem(report(path=name, status=404)) == (404, "unknown_metric")


@pytest.mark.parametrize("name", ["words_learned", "completions", "xp", "mistakes"])
def test_built_in_metrics_cannot_be_reported(report, name):
    assert problem(report(path=name, status=403)) == (403, "metric_not_accepted")


def test_a_learner_cannot_report_what_only_server_keys_report(report):
    MetricFactory(reported_by="key")
    assert problem(report(status=403)) == (403, "metric_not_accepted")


@pytest.mark.parametrize("reported_by", ["key", "learner"])
def test_a_server_key_reports_either_and_it_is_verified(report, reported_by):
    MetricFactory(reported_by=reported_by)
    pupil = make_pupil()
    key, token = make_key()
    answer = report(client=client_with(token, "pupil-1"))
    assert (answer["trust"], answer["total"]) == ("verified", 12)
    assert MetricEvent.objects.values_list("learner", "server_key").get() == (pupil.pk, key.prefix)
    total = MetricTotal.objects.get()
    assert (total.total, total.verified_total) == (12, 12)


def test_a_key_without_the_scope_is_refused(report):
    MetricFactory()
    make_pupil()
    _, token = make_key(scopes=["read"])
    assert report(client=client_with(token, "pupil-1"), status=403)["code"] == "scope_missing"


def test_anonymous_requests_are_refused(report, api):
    MetricFactory()
    report(client=api, status=401)


def test_only_what_was_verified_adds_to_the_verified_total(report):
    MetricFactory()
    pupil = make_pupil()
    _, token = make_key()
    report(5, client=client_with(token, "pupil-1"))
    record(pupil, 7)
    assert MetricTotal.objects.values_list("total", "verified_total").get() == (12, 5)


def test_what_is_above_the_limit_of_a_date_does_not_count_and_is_said(report, time_machine):
    MetricFactory(per_day_max=20, xp_per_unit="1")
    assert report(12)["counted"] == 12
    cut = report(12)
    assert (cut["value"], cut["counted"], cut["total"], cut["awarded_xp"]) == (12, 8, 20, 8)
    assert cut["xp_breakdown"] == [{"factor": "metric", "value": 12}, {"factor": "metric_limit", "value": -4}]
    over = report(5)
    assert (over["counted"], over["total"], over["awarded_xp"]) == (0, 20, 0)
    time_machine.shift(timedelta(days=1))
    assert report(12)["total"] == 32


def test_the_limit_of_a_date_holds_for_server_keys_and_without_limits_of_plausibility(report, settings):
    settings.TRUST_LIMITS = False
    MetricFactory(per_day_max=20)
    make_pupil()
    _, token = make_key()
    client = client_with(token, "pupil-1")
    assert [report(12, client=client)["counted"], report(12, client=client)["counted"]] == [12, 8]


def test_the_limit_goes_by_the_learners_local_date(report, learner):
    """In Jakarta, seven hours ahead, 17:00 UTC is midnight."""
    LearnerProfile.objects.filter(pk=learner.pk).update(time_zone="Asia/Jakarta")
    MetricFactory(per_day_max=20)
    counted = [report(15, occurred_at=f"2026-11-19T{hour}:00:00Z")["counted"] for hour in ["16", "17", "18"]]
    assert counted == [15, 15, 5]


def test_the_xp_of_metrics_counts_towards_the_xp_limit_of_a_date(report):
    """The first of a day may pay more; afterwards an event counts and pays nothing."""
    MetricFactory(per_event_max=10_000, xp_per_unit="1")
    assert report(4_990)["awarded_xp"] == 4_990
    over = report(11)
    assert (over["awarded_xp"], over["counted"], over["total"]) == (0, 11, 5_001)
    assert over["xp_breakdown"] == [{"factor": "metric", "value": 11}, {"factor": "xp_limit", "value": -11}]
    assert report(10)["awarded_xp"] == 10


def test_a_completion_is_held_where_metrics_have_used_up_the_xp_of_the_date(report, learner_api, level):
    MetricFactory(per_event_max=10_000, xp_per_unit="1")
    report(4_999)
    answer = learner_api.post("/api/v1/levels/complete", {"level_id": "level-3", "score": 850}).json()
    assert answer["held"] is True


def test_a_metric_that_pays_nothing_does_not_take_the_first_result_of_a_day(report, learner_api, level):
    """The first completion is never held for the XP limit."""
    MetricFactory(xp_per_unit="0", per_day_max=50)
    report(10)
    level.xp_rule, level.xp_reward = "fixed", 6_000
    level.save()
    answer = learner_api.post("/api/v1/levels/complete", {"level_id": "level-3", "score": 850}).json()
    assert (answer["held"], answer["awarded_xp"]) == (False, 6_000)


def test_where_the_metric_says_so_an_event_makes_an_active_day_without_a_bonus(report, learner, time_machine):
    MetricFactory(counts_as_activity=True)
    assert report()["streak"] == {
        "action": "started",
        "current_streak": 1,
        "longest_streak": 1,
        "freezes_available": 3,
    }
    time_machine.shift(timedelta(days=1))
    second = report()
    assert (second["streak"]["action"], second["streak"]["current_streak"]) == ("increased", 2)
    assert [entry["reason"] for entry in second["entries"]] == ["metric"]
    assert ActivityDay.objects.filter(learner=learner, completed=True).count() == 0


def test_the_first_completion_after_an_event_still_pays_the_bonus_of_the_day(
    report, level, sign_in, learner, time_machine
):
    MetricFactory(counts_as_activity=True)
    report()
    time_machine.shift(timedelta(days=1))
    report()
    answer = sign_in(learner).post("/api/v1/levels/complete", {"level_id": "level-3", "score": 850}).json()
    assert [entry["reason"] for entry in answer["entries"]] == ["level_completion", "streak_bonus"]


def test_otherwise_an_event_is_no_activity(report):
    MetricFactory()
    report()
    assert not ActivityDay.objects.exists()


def test_an_event_may_unlock_what_asks_for_its_metric(report, learner):
    MetricFactory()
    AchievementFactory(achievement_id="reader", condition=metric("pages_read", 20), xp_reward=50)
    assert report(12)["unlocked_achievements"] == []
    answer = report(12)
    assert [unlocked["achievement_id"] for unlocked in answer["unlocked_achievements"]] == ["reader"]
    assert (answer["awarded_xp"], answer["total_awarded_xp"]) == (3, 53)


@pytest.mark.parametrize(("days", "status"), [(-29, 200), (-31, 400), (1, 400)])
def test_the_clock_window_is_that_of_completions(report, learner, days, status):
    learner.date_joined = timezone.now() - timedelta(days=60)
    learner.save()
    MetricFactory()
    moment = (timezone.now() + timedelta(days=days)).isoformat()
    answer = report(occurred_at=moment, status=status)
    assert answer.get("code") == (None if status == 200 else "clock_out_of_range")


def test_what_happened_before_the_account_counts_on_its_first_date(report, learner):
    MetricFactory(per_day_max=20, counts_as_activity=True)
    learner.date_joined = timezone.now() - timedelta(hours=1)
    learner.save()
    earlier = [(timezone.now() - timedelta(days=days)).isoformat() for days in (3, 2)]
    assert [report(15, occurred_at=moment)["counted"] for moment in earlier] == [15, 5]
    assert [day.date.isoformat() for day in ActivityDay.objects.all()] == ["2026-11-20"]
    assert MetricEvent.objects.order_by("occurred_at").first().occurred_at < learner.date_joined


def test_a_wrong_clock_is_shifted(report):
    MetricFactory()
    answer = report(occurred_at="2026-11-20T09:20:00Z", sent_at="2026-11-20T09:30:00Z")
    assert answer["clock_shifted_by"] == 3600
    assert MetricEvent.objects.get().occurred_at.isoformat() == "2026-11-20T10:20:00+00:00"


def test_reported_late_it_is_trusted_less(report):
    MetricFactory()
    assert report(occurred_at="2026-11-20T09:20:00Z")["trust"] == "offline"


def test_a_learner_who_is_not_tracked_reports_nothing(report, settings):
    settings.ENABLE_SERVER_SIDE_TRACKING = False
    MetricFactory()
    assert problem(report(status=403)) == (403, "tracking_disabled")


@pytest.mark.parametrize(
    "extra", [{"xp": 5}, {"awarded_xp": 5}, {"trust": "verified"}, {"total": 9}, {"metric_id": "laps"}, {"counted": 9}]
)
def test_unknown_fields_are_refused(report, extra):
    MetricFactory()
    report(status=400, **extra)
    assert not MetricEvent.objects.exists()


def test_an_idempotency_key_replays_the_answer(learner_api):
    MetricFactory()
    body = {"value": 5, "client_event_id": str(uuid4())}
    answers = [
        learner_api.post("/api/v1/metrics/pages_read/events", body, headers={"Idempotency-Key": "k"}) for _ in "ab"
    ]
    assert answers[0].content == answers[1].content
    assert answers[1]["Idempotent-Replayed"] == "true"
