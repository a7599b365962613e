"""GET gamification/explain/streak: facts, numbers and one sentence about a day."""

from datetime import UTC, datetime

import pytest

from gamification.awards.activity import protect_today
from gamification.awards.adjustments import reverse
from gamification.models import LedgerEntry
from gamification.staff.amnesties import grant_amnesty
from gamification.staff.day_repairs import repair_day
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

EXPLAIN = "/api/v1/gamification/explain"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def play(learner, time_machine):
    """`play(6, 7)` completes a level on 6 and on 7 March 2026, when the days have come."""
    LevelFactory(level_id="arena", kind="mode")

    def play(*days):
        for day in days:
            at = NOON.replace(day=day)
            time_machine.move_to(at, tick=False)
            complete_level(learner=learner, claim=Claim("arena", day), source="api", at=at)
        time_machine.move_to(NOON, tick=False)

    return play


def day_of(client, day=None):
    answer = client.get(f"{EXPLAIN}/streak", {"date": f"2026-03-{day:02}"} if day else {})
    assert answer.status_code == 200, answer.content
    return answer.json()


def why(client, day=None):
    return day_of(client, day)["why"]


NO_DAY = {
    "success": True,
    "date": "2026-03-10",
    "today": "2026-03-10",
    "status": "none",
    "streak": 0,
    "began_on": None,
    "ended_on": None,
    "frozen_days": 0,
    "pardoned_days": 0,
    "alive_until": None,
    "bonus": None,
    "freezes": [],
    "why": "You have not been active today, 10 March 2026; activity starts a streak.",
}


def test_a_new_learner_has_no_streak_yet(learner_api):
    assert day_of(learner_api) == NO_DAY
    assert day_of(learner_api, 9) == {
        **NO_DAY,
        "date": "2026-03-09",
        "why": "You were not active on 9 March 2026, and had no streak then.",
    }


def test_an_active_day_shows_its_number_in_the_streak_and_its_bonus(learner_api, play):
    play(8, 9, 10)
    bonus = LedgerEntry.objects.get(reference_id="2026-03-10")
    assert day_of(learner_api) == {
        **NO_DAY,
        "status": "active",
        "streak": 3,
        "began_on": "2026-03-08",
        "ended_on": "2026-03-10",
        "alive_until": "2026-03-14",
        "bonus": {"entry_id": bonus.pk, "xp": 15, "streak": 3},
        "why": (
            "You were active on 10 March 2026: day 3 of the streak that began on 8 March 2026; its first completion "
            "paid 15 XP."
        ),
    }
    assert why(learner_api, 8) == "You were active on 8 March 2026: the first day of a streak."


def test_a_frozen_day_keeps_the_streak_and_adds_nothing(learner_api, play):
    play(6, 7, 9)
    frozen = day_of(learner_api, 8)
    assert frozen["freezes"] == [{"kind": "used", "delta": -1, "created_at": "2026-03-09T12:00:00Z"}]
    assert (frozen["status"], frozen["streak"], frozen["frozen_days"], frozen["why"]) == (
        "frozen",
        2,
        1,
        (
            "You were not active on 8 March 2026, and a freeze was used for it: your streak of 2 days went on without "
            "growing."
        ),
    )
    assert why(learner_api, 9) == (
        "You were active on 9 March 2026: day 3 of the streak that began on 6 March 2026, with 1 frozen day in "
        "between; its first completion paid 15 XP."
    )


def test_a_freeze_for_today_is_explained(learner_api, learner, play):
    play(9)
    protect_today(learner.pk, at=NOON)
    assert why(learner_api) == "A freeze protects today: your streak of 1 day goes on even if you do nothing."


def test_a_freeze_outside_any_streak_is_explained(learner_api, learner):
    """Only days that were frozen before `streaks/freeze` refused this are like that."""
    learner.activity_days.create(date=NOON.date(), kind="frozen", recorded_at=NOON)
    assert day_of(learner_api)["status"] == "frozen"
    assert why(learner_api) == "A freeze protects 10 March 2026, but no streak reaches it."


def test_a_pardoned_day_neither_breaks_nor_adds(learner_api, play, django_capture_on_commit_callbacks):
    play(7)
    with django_capture_on_commit_callbacks(execute=True):
        grant_amnesty(
            starts_at=NOON.replace(day=8, hour=1),
            ends_at=NOON.replace(day=8, hour=3),
            reason="Our outage",
            actor=StaffFactory(),
            at=NOON.replace(day=8),
        )
    play(9)
    pardoned = day_of(learner_api, 8)
    assert (pardoned["status"], pardoned["streak"], pardoned["pardoned_days"], pardoned["why"]) == (
        "pardoned",
        1,
        1,
        (
            "8 March 2026 is pardoned, because our service was away: it neither broke your streak of 1 day nor added "
            "to it."
        ),
    )
    assert "with 1 pardoned day in between" in why(learner_api, 9)


def test_a_day_that_staff_repaired_is_explained_by_their_reason(learner_api, learner, play):
    play(7)
    who = {"actor": StaffFactory(), "at": NOON, "reason": "Your train had no network.", "note": "Ticket 7"}
    repair_day(learner_id=learner.pk, date=NOON.date().replace(day=8), **who)
    assert why(learner_api, 8) == (
        "8 March 2026 was pardoned by our staff (Your train had no network.): it neither broke your streak of 1 day "
        "nor added to it."
    )
    learner.activity_days.filter(date__day=7).delete()
    assert why(learner_api, 8) == (
        "8 March 2026 was pardoned by our staff (Your train had no network.): it counts neither for you nor against "
        "you."
    )


def test_a_missed_day_that_broke_the_streak_shows_when_it_ended(learner_api, play):
    play(1, 2, 9)
    broken = day_of(learner_api, 3)
    assert (broken["status"], broken["streak"], broken["ended_on"], broken["alive_until"]) == (
        "missed",
        2,
        "2026-03-02",
        None,
    )
    assert broken["why"] == (
        "You were not active on 3 March 2026 and no freeze was used for the day; the last streak before it, of "
        "2 days, ended on 2 March 2026."
    )
    assert why(learner_api, 9) == "You were active on 9 March 2026: the first day of a streak."


def test_a_missed_day_shows_until_when_freezes_can_still_be_used(learner_api, play):
    play(7, 8)
    missed = day_of(learner_api, 9)
    assert (missed["status"], missed["alive_until"]) == ("missed", "2026-03-12")
    assert missed["why"] == (
        "You were not active on 9 March 2026, but your freezes can still be used for it: be active by 12 March 2026 "
        "and your streak of 2 days goes on."
    )
    assert why(learner_api) == (
        "You have not been active today, 10 March 2026; activity makes it day 3 of your streak at the price of 1 "
        "freeze, which stays alive until 12 March 2026."
    )


def test_a_seventh_day_shows_that_it_earned_a_freeze(learner_api, play):
    play(1, 2, 4, 5, 6, 7, 8, 9)
    assert why(learner_api, 8).endswith("; its first completion paid 35 XP; it earned a freeze.")


def test_a_late_day_shows_its_returned_freeze_and_the_streak_that_set_its_bonus(learner_api, learner, play):
    play(6, 8)
    late = NOON.replace(day=7)
    complete_level(learner=learner, claim=Claim("arena", 99, occurred_at=late), source="sync", at=NOON)
    assert why(learner_api, 7).endswith("; its first completion paid 10 XP; a freeze came back.")
    assert why(learner_api, 8) == (
        "You were active on 8 March 2026: day 3 of the streak that began on 6 March 2026; its first completion paid "
        "10 XP (by the 2 days known then)."
    )


def test_a_reversed_bonus_is_not_mentioned(learner_api, play):
    play(9, 10)
    reverse(LedgerEntry.objects.get(reason="streak_bonus"), actor=StaffFactory(), note="A mistake", at=NOON)
    explanation = day_of(learner_api)
    assert (explanation["bonus"], explanation["why"]) == (
        None,
        "You were active on 10 March 2026: day 2 of the streak that began on 9 March 2026.",
    )


def test_today_is_the_date_in_the_learners_zone(sign_in):
    asian = sign_in(UserFactory(profile__time_zone="Pacific/Kiritimati"))
    assert day_of(asian)["today"] == day_of(asian)["date"] == "2026-03-11"


@pytest.mark.parametrize("date", ["2026-03-11", "9999-12-31", "yesterday", "2026-02-30", "10/03/2026", "", "0"])
def test_an_invalid_or_future_date_is_refused(learner_api, date):
    answer = learner_api.get(f"{EXPLAIN}/streak", {"date": date})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["date"])


def test_the_earliest_date_is_accepted(learner_api):
    assert learner_api.get(f"{EXPLAIN}/streak?date=0001-01-01").json()["status"] == "none"


def test_another_learners_days_are_not_shown(play, sign_in):
    play(9, 10)
    assert day_of(sign_in(UserFactory())) == NO_DAY


def test_a_day_costs_the_same_whatever_the_streak(learner_api, play, django_assert_num_queries):
    play(1)
    with django_assert_num_queries(5):
        day_of(learner_api, 1)
    play(*range(2, 11))
    with django_assert_num_queries(5):
        day_of(learner_api, 10)
