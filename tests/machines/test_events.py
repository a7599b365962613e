"""POST events: what happened to many learners, each event judged by itself."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.models import MAX_TOTAL_XP, ActivityDay, LearnerKind, LearnerProfile, LedgerEntry, MetricTotal
from skillquest.accounts.models import User
from skillquest.machines.services import revoke_key
from tests.factories import LevelFactory, MetricFactory
from tests.machines.keys import client_with, make_key, make_pupil
from tests.machines.learner_calls import problem
from tests.tracking.sync.conftest import codes, statuses
from tracking.models import CheckIn, Completion

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def completion(learner="pupil-1", level="one", ago=timedelta(), **more):
    moment = (NOW - ago).isoformat()
    event = {"type": "level_completion", "client_event_id": str(uuid4()), "level_id": level, "score": 850}
    return {**event, "learner": {"external_id": learner}, "occurred_at": moment, **more}


def check_in(learner="pupil-1", **more):
    event = {"type": "check_in", "client_event_id": str(uuid4()), "learner": {"external_id": learner}}
    return event | more


def metric(learner="pupil-1", value=3, **more):
    event = {"type": "metric", "client_event_id": str(uuid4()), "learner": {"external_id": learner}}
    return event | {"metric_id": "pages_read", "value": value} | more


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def levels():
    first = LevelFactory(level_id="one", xp_reward=10)
    return [first, LevelFactory(level_id="two", prerequisites=[first])]


@pytest.fixture
def key_and_token():
    return make_key(scopes=["track"])


@pytest.fixture
def post(key_and_token):
    def post(*events, token=key_and_token[1], **body):
        return client_with(token).post("/api/v1/events", {"events": list(events), **body}, format="json")

    return post


@pytest.fixture
def results(post):
    def results(*events, **body):
        answer = post(*events, **body)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    return results


def totals():
    return dict(LearnerProfile.objects.order_by("user__external_id").values_list("user__external_id", "total_xp"))


def test_each_event_is_answered_in_the_order_sent(levels, results):
    make_pupil("pupil-1"), make_pupil("pupil-2")
    events = [completion("pupil-2"), completion("pupil-1", "two"), completion("pupil-1", ago=HOUR), completion("who")]
    answers = results(*events)
    assert [answer["client_event_id"] for answer in answers] == [event["client_event_id"] for event in events]
    assert codes(answers) == ["created", "created", "created", "learner_not_found"]


def test_results_are_verified_and_no_limit_applies_to_them(levels, results, key_and_token):
    make_pupil()
    events = [completion(ago=timedelta(minutes=number), time_spent=0) for number in range(130)]
    assert statuses(results(*events)) == ["created"] * 130
    stored = set(Completion.objects.values_list("trust", "server_key", "source"))
    assert stored == {("verified", key_and_token[0].prefix, "api")}
    profile = LearnerProfile.objects.get(user__external_id="pupil-1")
    assert profile.verified_xp == profile.total_xp > 0


def test_a_batch_earns_what_its_events_earn_one_by_one(levels, results):
    for name in ["pupil-1", "pupil-2", "single-1", "single-2"]:
        make_pupil(name)
    story = [("one", 3 * HOUR), ("two", 2 * HOUR), ("one", HOUR)]
    results(*(completion(f"pupil-{n}", level, ago) for level, ago in reversed(story) for n in [1, 2]))
    for level, ago in story:
        for n in [1, 2]:
            results(completion(f"single-{n}", level, ago))
    earned = totals()
    assert earned["pupil-1"] == earned["pupil-2"] == earned["single-1"] == earned["single-2"] > 0
    rows = LedgerEntry.objects.order_by("sequence").values_list("learner__external_id", "delta", "reason")
    by_learner = {name: [row[1:] for row in rows if row[0] == name] for name in earned}
    assert by_learner["pupil-1"] == by_learner["pupil-2"] == by_learner["single-1"] == by_learner["single-2"]


def test_what_is_sent_again_is_replayed_and_pays_nothing(levels, results):
    make_pupil()
    events = [completion(), check_in()]
    first = results(*events)
    before = totals()
    again = results(*events, *events)
    assert statuses(again) == ["replayed"] * 4
    assert totals() == before
    without_status = [{**answer, "status": ""} for answer in first]
    assert [{**answer, "status": ""} for answer in again] == without_status * 2


def test_two_learners_may_use_the_same_event_id(levels, results):
    make_pupil("pupil-1"), make_pupil("pupil-2")
    event = completion("pupil-1")
    other = event | {"learner": {"external_id": "pupil-2"}}
    assert statuses(results(event, other)) == ["created", "created"]
    assert statuses(results(other, event)) == ["replayed", "replayed"]


def test_an_id_that_comes_again_with_other_content_is_refused(levels, results):
    make_pupil()
    event = completion()
    assert codes(results(event, event | {"score": 1})) == ["created", "event_id_reused"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (None, "invalid"),
        ({}, "invalid"),
        (completion(score="85"), "invalid"),
        (completion(awarded_xp=1000), "invalid"),
        (completion(type="award"), "invalid"),
        (completion() | {"learner": None}, "invalid"),
        (completion() | {"learner": "pupil-1"}, "invalid"),
        (completion() | {"learner": {"external_id": ""}}, "invalid"),
        (completion() | {"learner": {"external_id": "a\nb"}}, "invalid"),
        (completion() | {"learner": {"external_id": "pupil-1", "is_staff": True}}, "invalid"),
        (completion() | {"learner": {"external_id": "pupil-1", "time_zone": "Mars/Base"}}, "invalid"),
        (completion("nobody"), "learner_not_found"),
        (completion(level="nowhere"), "unknown_level"),
        (completion(level="two"), "level_locked"),
        (completion(score=2000), "invalid"),
        (completion(ago=timedelta(days=31)), "clock_out_of_range"),
        (check_in(occurred_at="2026-04-20T08:00:00Z"), "clock_out_of_range"),
        (check_in(score=1), "invalid"),
    ],
)
def test_one_bad_event_fails_alone(levels, results, event, code):
    make_pupil("pupil-1"), make_pupil("pupil-2")
    good = [completion("pupil-2"), check_in("pupil-1")]
    assert codes(results(good[0], event, good[1])) == ["created", code, "created"]


def test_a_learner_who_was_deactivated_fails_alone(levels, results):
    make_pupil("gone", is_active=False), make_pupil("pupil-1")
    assert codes(results(completion("gone"), completion())) == ["learner_deactivated", "created"]


@pytest.mark.tampers
def test_a_learner_whose_total_is_full_fails_alone(levels, results):
    full, _ = make_pupil("full"), make_pupil("pupil-1")
    LearnerProfile.objects.filter(pk=full.pk).update(total_xp=MAX_TOTAL_XP)
    answers = results(completion("full"), check_in("full"), completion(), completion("full", "two"))
    assert codes(answers) == ["balance_too_large", "balance_too_large", "created", "balance_too_large"]
    assert not Completion.objects.filter(learner=full).exists()
    assert not CheckIn.objects.exists()


def test_a_learner_who_is_erased_meanwhile_fails_alone(levels, results):
    gone, _ = make_pupil("gone"), make_pupil("pupil-1")
    LearnerProfile.objects.filter(pk=gone.pk).update(erased_at=NOW)
    assert codes(results(completion("gone"), check_in("gone"), completion())) == [*["learner_erased"] * 2, "created"]
    assert not Completion.objects.filter(learner=gone).exists()


@pytest.mark.tampers
def test_a_learner_whose_ledger_cannot_be_continued_fails_alone(levels, results):
    """The database refuses the whole chunk; each learner is tried again by themselves."""
    broken, _ = make_pupil("broken"), make_pupil("pupil-1")
    LearnerProfile.objects.filter(pk=broken.pk).update(last_sequence=7)
    events = [completion("broken"), completion(), check_in()]
    assert codes(results(*events)) == ["error", "created", "created"]
    assert codes(results(*events)) == ["error", "replayed", "replayed"]
    assert not Completion.objects.filter(learner=broken).exists()


def test_unknown_learners_are_created_on_request(levels, results):
    learner = {"external_id": "new", "time_zone": "Asia/Jakarta", "display_name": "Ada"}
    events = [completion() | {"learner": learner}, check_in("new"), completion("other", "nowhere")]
    assert codes(results(*events)) == ["learner_not_found"] * 3
    _, token = make_key(scopes=["learners", "track"])
    assert codes(results(*events, token=token, create_learners=True)) == ["created", "created", "unknown_level"]
    made = User.objects.get(external_id="new")
    assert (made.display_name, made.profile.time_zone, made.has_usable_password()) == ("Ada", "Asia/Jakarta", False)


def test_creating_learners_takes_the_scope_learners_too(levels, post):
    make_pupil()
    answer = post(completion(), completion("new"), create_learners=True)
    assert problem(answer)[:2] == (403, "scope_missing")
    assert answer.json()["detail"] == "This takes a server key with the scope learners."
    assert not User.objects.filter(external_id="new").exists()
    assert not Completion.objects.exists()


def test_the_scope_learners_alone_records_no_events(levels, post):
    _, token = make_key(scopes=["learners"])
    answer = post(completion("new"), token=token, create_learners=True)
    assert problem(answer)[:2] == (403, "scope_missing")
    assert answer.json()["detail"] == "This takes a server key with the scope track."


def test_no_account_is_made_for_an_event_that_cannot_be_read(levels, results):
    _, token = make_key(scopes=["learners", "track"])
    results(completion("new", score="85"), token=token, create_learners=True)
    assert not User.objects.filter(external_id="new").exists()


def test_a_test_key_sees_only_test_learners(levels, results):
    make_pupil("real"), make_pupil("trial", kind=LearnerKind.TEST)
    _, test_token = make_key(mode="test")
    events = [completion("real"), completion("trial")]
    assert codes(results(*events, token=test_token)) == ["learner_not_found", "created"]
    assert codes(results(*events)) == ["created", "learner_not_found"]


def test_a_check_in_keeps_the_streak_of_its_day_and_counts_once(levels, results):
    pupil = make_pupil()
    event = check_in(occurred_at="2026-03-19T08:00:00Z")
    [answer] = results(event)
    assert (answer["streak"]["action"], answer["total_awarded_xp"], answer["trust"]) == ("started", 0, "verified")
    assert statuses(results(event, check_in())) == ["replayed", "created"]
    days = ActivityDay.objects.filter(learner=pupil).order_by("date")
    assert [str(day.date) for day in days] == ["2026-03-19", "2026-03-20"]
    assert CheckIn.objects.count() == 2


def test_a_check_in_without_a_time_that_is_sent_again_the_next_day_counts_once(levels, results, time_machine):
    pupil, event = make_pupil(), check_in()
    results(event)
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    assert statuses(results(event)) == ["replayed"]
    assert ActivityDay.objects.filter(learner=pupil).count() == 1


def test_events_of_metrics_count_and_pay_once(levels, results):
    pupil = make_pupil()
    MetricFactory(metric_id="pages_read", xp_per_unit="2", per_event_max=10, per_day_max=12)
    events = [metric(value=10), metric(value=5), metric("pupil-1", 11), metric(metric_id="unheard_of"), completion()]
    first = results(*events)
    assert codes(first) == ["created", "created", "invalid", "unknown_metric", "created"]
    assert [answer["awarded_xp"] for answer in first[:2]] == [20, 4]
    counted = {"metric_id": "pages_read", "value": 5, "counted": 2, "total": 12}
    assert (first[1]["metric"], first[4]["metric"]) == (counted, None)
    before = totals()
    assert codes(results(events[0], events[1] | {"value": 6})) == ["replayed", "event_id_reused"]
    assert totals() == before
    pupil.profile.refresh_from_db()
    assert (pupil.profile.counters["pages_read"], pupil.profile.verified_counters) == (12, {"pages_read": 12})
    assert MetricTotal.objects.get().total == 12


def test_events_of_metrics_cost_the_same_statements_for_any_number(levels, results):
    MetricFactory(metric_id="pages_read", per_day_max=1000)
    make_pupil("pupil-1"), make_pupil("pupil-2")

    def cost(count):
        moments = [(NOW - timedelta(days=number % 9)).isoformat() for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            results(*(metric(f"pupil-{n}", occurred_at=moment) for moment in moments for n in [1, 2]))
        return len(captured)

    cost(9)
    assert cost(10) == cost(40)


def test_a_wrong_clock_is_shifted(levels, post):
    make_pupil()
    event = completion(ago=timedelta(days=40))
    answer = post(event, sent_at=(NOW - timedelta(days=40)).isoformat()).json()
    assert (statuses(answer["results"]), answer["clock_shifted_by"]) == (["created"], 40 * 86_400)
    assert Completion.objects.get().occurred_at == NOW


def test_only_a_key_with_the_scope_may_report(levels, post, api, learner_api, key_and_token):
    body = {"events": []}
    assert api.post("/api/v1/events", body, format="json").status_code == 401
    assert learner_api.post("/api/v1/events", body, format="json").status_code == 403
    assert post(token=make_key(scopes=["read", "learners", "award"])[1]).json()["code"] == "scope_missing"
    key, token = key_and_token
    revoke_key(key, actor=key.created_by, at=NOW)
    assert post(token=token).status_code == 401


def test_more_than_a_thousand_events_are_refused_whole(levels, post):
    assert post(*[{}] * 1000).status_code == 200
    answer = post(*[{}] * 1001)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_batch_counts_by_its_events(levels, post, settings):
    settings.RATELIMIT_ENABLE = True
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"key_events": "5/10m"}
    make_pupil()
    assert post(*[completion() for _ in range(4)]).status_code == 200
    assert post(completion(), completion()).status_code == 429
    assert post(completion()).status_code == 200
