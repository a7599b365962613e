"""GET gamification/xp/stats: by reason, by day, on average."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.awards.adjustments import reverse
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

pytestmark = pytest.mark.django_db

STATS = "/api/v1/gamification/xp/stats"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def play(learner):
    """Each score of the arena pays 10 XP, as often as it is played."""
    LevelFactory(level_id="arena", kind="mode")

    def play(score, *, days_ago=0):
        claim = Claim("arena", score, occurred_at=NOON - timedelta(days=days_ago))
        return complete_level(learner=learner, claim=claim, source="api", at=NOON)

    return play


def stats(client):
    return client.get(STATS).json()


def earned_on(body):
    return {day["date"]: day["xp"] for day in body["by_day"] if day["xp"]}


def test_a_new_learner_has_thirty_days_without_xp(learner_api):
    first = NOON.date() - timedelta(days=29)
    days = [{"date": str(first + timedelta(days=n)), "xp": 0} for n in range(30)]
    assert stats(learner_api) == {
        "success": True,
        "total_xp": 0,
        "by_reason": [],
        "by_day": days,
        "averages": {"per_day": 0.0, "per_active_day": None, "per_completion": None},
    }
    assert (days[0]["date"], days[-1]["date"]) == ("2026-10-22", "2026-11-20")


def test_totals_by_reason_add_up_and_days_are_those_of_earning(learner_api, learner, play):
    play(1, days_ago=3)
    play(2, days_ago=1)
    play(3)
    adjust(learner_id=learner.pk, amount=-5, reason="A fine", actor=StaffFactory(), at=NOON)
    body = stats(learner_api)
    assert body["by_reason"] == [
        {"reason": "level_completion", "xp": 30, "lines": 3},
        {"reason": "manual_adjustment", "xp": -5, "lines": 1},
        {"reason": "streak_bonus", "xp": body["total_xp"] - 25, "lines": 2},
    ]
    assert sum(total["xp"] for total in body["by_reason"]) == body["total_xp"] == sum(earned_on(body).values())
    assert set(earned_on(body)) == {"2026-11-17", "2026-11-19", "2026-11-20"}


def test_reversed_xp_leaves_its_day_and_the_averages(learner_api, learner, play):
    play(1, days_ago=2)
    play(2, days_ago=2)
    play(3)
    entry = learner.ledger.filter(reason="level_completion").order_by("sequence").first()
    reverse(entry, actor=StaffFactory(), note="Cheated", at=NOON)
    body = stats(learner_api)
    assert earned_on(body)["2026-11-18"] == 10
    assert {"reason": "reversal", "xp": -10, "lines": 1} in body["by_reason"]
    assert body["averages"]["per_completion"] == 10.0


def test_averages_are_rounded_to_one_decimal(learner_api, learner):
    adjust(learner_id=learner.pk, amount=100, reason="A gift", actor=StaffFactory(), at=NOON)
    assert stats(learner_api)["averages"] == {"per_day": 3.3, "per_active_day": 100.0, "per_completion": None}


def test_the_window_has_thirty_utc_dates_to_the_microsecond(learner_api, learner):
    first_midnight = datetime(2026, 10, 22, tzinfo=UTC)
    for at in [first_midnight - timedelta(microseconds=1), first_midnight, NOON]:
        adjust(learner_id=learner.pk, amount=1, reason="A gift", actor=StaffFactory(), at=at)
    body = stats(learner_api)
    assert earned_on(body) == {"2026-10-22": 1, "2026-11-20": 1}
    assert body["total_xp"] == 3


def test_stats_contain_only_the_learners_own_xp(learner_api, learner):
    adjust(learner_id=UserFactory().pk, amount=100, reason="A gift", actor=StaffFactory(), at=NOON)
    assert stats(learner_api)["total_xp"] == 0


def test_stats_cost_the_same_with_one_and_with_thirty_entries(learner_api, play, django_assert_num_queries):
    play(0)
    with django_assert_num_queries(3):
        stats(learner_api)
    for score in range(1, 30):
        play(score, days_ago=score)
    with django_assert_num_queries(3):
        stats(learner_api)


def test_an_anonymous_request_for_stats_is_refused(api):
    assert api.get(STATS).status_code == 401
