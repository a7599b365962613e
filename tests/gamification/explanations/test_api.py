"""GET gamification/explain/streak and gamification/explain/achievement: facts, numbers, one sentence."""

from datetime import UTC, datetime, timedelta

import pytest

from gamification.awards.activity import protect_today
from gamification.awards.adjustments import reverse
from gamification.models import Achievement, LedgerEntry, Unlock
from gamification.staff.amnesties import grant_amnesty
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
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


def test_a_newcomer_has_no_streak_yet(learner_api):
    assert day_of(learner_api) == NO_DAY
    assert day_of(learner_api, 9) == {
        **NO_DAY,
        "date": "2026-03-09",
        "why": "You were not active on 9 March 2026, and had no streak then.",
    }


def test_an_active_day_says_which_day_of_the_streak_it_was_and_what_it_paid(learner_api, play):
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


def test_a_frozen_day_joins_and_adds_nothing(learner_api, play):
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


def test_a_freeze_for_today_says_so(learner_api, learner, play):
    play(9)
    protect_today(learner.pk, at=NOON)
    assert why(learner_api) == "A freeze protects today: your streak of 1 day goes on even if you do nothing."


def test_a_freeze_that_no_streak_reaches_says_so(learner_api, learner):
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


def test_a_missed_day_that_broke_the_streak_says_when_it_ended(learner_api, play):
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


def test_a_missed_day_that_freezes_can_still_stand_for_says_until_when(learner_api, play):
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


def test_a_seventh_day_says_that_it_earned_a_freeze(learner_api, play):
    play(1, 2, 4, 5, 6, 7, 8, 9)
    assert why(learner_api, 8).endswith("; its first completion paid 35 XP; it earned a freeze.")


def test_a_late_day_says_that_its_freeze_came_back_and_by_which_streak_it_was_paid(learner_api, learner, play):
    play(6, 8)
    late = NOON.replace(day=7)
    complete_level(learner=learner, claim=Claim("arena", 99, occurred_at=late), source="sync", at=NOON)
    assert why(learner_api, 7).endswith("; its first completion paid 10 XP; a freeze came back.")
    assert why(learner_api, 8) == (
        "You were active on 8 March 2026: day 3 of the streak that began on 6 March 2026; its first completion paid "
        "10 XP (by the 2 days known then)."
    )


def test_a_bonus_that_was_taken_back_is_not_told(learner_api, play):
    play(9, 10)
    reverse(LedgerEntry.objects.get(reason="streak_bonus"), actor=StaffFactory(), note="A mistake", at=NOON)
    told = day_of(learner_api)
    assert (told["bonus"], told["why"]) == (
        None,
        "You were active on 10 March 2026: day 2 of the streak that began on 9 March 2026.",
    )


def test_today_is_that_of_the_learners_zone(sign_in):
    asian = sign_in(UserFactory(profile__time_zone="Pacific/Kiritimati"))
    assert day_of(asian)["today"] == day_of(asian)["date"] == "2026-03-11"


@pytest.mark.parametrize("date", ["2026-03-11", "9999-12-31", "yesterday", "2026-02-30", "10/03/2026", "", "0"])
def test_a_date_that_is_none_or_to_come_is_refused(learner_api, date):
    answer = learner_api.get(f"{EXPLAIN}/streak", {"date": date})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["date"])


def test_the_first_date_of_all_is_a_date(learner_api):
    assert learner_api.get(f"{EXPLAIN}/streak?date=0001-01-01").json()["status"] == "none"


def test_my_days_are_mine(play, sign_in):
    play(9, 10)
    assert day_of(sign_in(UserFactory())) == NO_DAY


def test_a_day_costs_the_same_whatever_the_streak(learner_api, play, django_assert_num_queries):
    play(1)
    with django_assert_num_queries(5):
        day_of(learner_api, 1)
    play(*range(2, 11))
    with django_assert_num_queries(5):
        day_of(learner_api, 10)


@pytest.fixture
def achievement(db):
    return Achievement.objects.create(
        achievement_id="hundred",
        name="Hundred",
        description="Earn a hundred.",
        category="xp",
        rarity="rare",
        xp_reward=50,
        condition={"type": "xp", "threshold": 100},
    )


@pytest.fixture
def give(learner):
    staff = StaffFactory()
    return lambda amount: adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=staff, at=NOON)


def explain(client, reference):
    answer = client.get(f"{EXPLAIN}/achievement/{reference}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def locked(current):
    return {
        "success": True,
        "achievement_id": "hundred",
        "hidden": False,
        "unlocked": False,
        "name": "Hundred",
        "description": "Earn a hundred.",
        "rarity": "rare",
        "xp_reward": 50,
        "earned_at": None,
        "revoked_at": None,
        "paid": None,
        "progress": {"current": current, "target": 100, "percent": current},
        "thresholds": [
            {"metric": "xp", "words": "total XP", "current": current, "target": 100, "reached": current >= 100}
        ],
        "why": f"“Hundred” is not unlocked yet: your total XP is at {current} of 100.",
    }


def test_a_locked_achievement_says_what_is_missing(learner_api, achievement, give):
    give(37)
    assert explain(learner_api, "hundred") == explain(learner_api, achievement.pk) == locked(37)


def test_an_unlocked_one_says_when_why_and_what_it_paid(learner_api, achievement, give):
    give(120)
    line = LedgerEntry.objects.get(reason="achievement")
    assert explain(learner_api, "hundred") == {
        **locked(100),
        "unlocked": True,
        "earned_at": "2026-03-10T12:00:00Z",
        "paid": {"entry_id": line.pk, "xp": 50},
        "thresholds": [{"metric": "xp", "words": "total XP", "current": 170, "target": 100, "reached": True}],
        "why": "You unlocked “Hundred” on 10 March 2026 (total XP reaches 100), and it paid 50 XP.",
    }


def test_one_that_was_taken_back_says_when(learner_api, achievement, give):
    give(120)
    reverse(LedgerEntry.objects.get(reason="achievement"), actor=StaffFactory(), note="", at=NOON + timedelta(days=1))
    told = explain(learner_api, "hundred")
    assert (told["unlocked"], told["revoked_at"], told["why"]) == (
        False,
        "2026-03-11T12:00:00Z",
        (
            "You unlocked “Hundred” on 10 March 2026 (total XP reaches 100), and it paid 50 XP; it was taken back on "
            "11 March 2026."
        ),
    )


def test_a_hidden_one_keeps_its_secret_until_it_is_unlocked(learner_api, achievement, give):
    achievement.hidden = True
    achievement.save()
    give(99)
    assert explain(learner_api, "hundred") == {
        **locked(99),
        "hidden": True,
        "name": None,
        "description": None,
        "progress": None,
        "thresholds": [],
        "why": "This achievement is hidden until you unlock it.",
    }
    give(1)
    assert explain(learner_api, "hundred")["name"] == "Hundred"


def test_every_missing_part_is_told_and_of_several_ways_the_nearest(learner_api, achievement, give):
    achievement.condition = {
        "all": [
            {"type": "xp", "threshold": 10},
            {"type": "metric", "name": "study_seconds", "threshold": 7200},
            {"any": [{"type": "level", "level": 2}, {"type": "consecutive_days", "days": 30}]},
        ]
    }
    achievement.save()
    give(50)
    told = explain(learner_api, "hundred")
    assert told["progress"] == {"current": 1, "target": 3, "percent": 33}
    assert [part["reached"] for part in told["thresholds"]] == [True, False, False, False]
    assert told["why"] == (
        "“Hundred” is not unlocked yet: your time spent learning is at 0 s of 2 h and your player level is at 1 of 2."
    )


def test_one_whose_condition_holds_already_says_what_unlocks_it(learner_api, give, achievement):
    achievement.delete()
    give(120)
    achievement.save(force_insert=True)
    give(1)
    assert explain(learner_api, "hundred")["why"] == (
        "You have done everything for “Hundred”; it unlocks when your achievements are checked next."
    )
    learner_api.post("/api/v1/gamification/achievements/check")
    assert explain(learner_api, "hundred")["unlocked"]


@pytest.mark.parametrize("reference", ["nope", "999999", "9" * 19, "9" * 30, "0"])
def test_an_unknown_achievement_is_not_found(learner_api, reference):
    answer = learner_api.get(f"{EXPLAIN}/achievement/{reference}")
    assert (answer.status_code, answer.json()["code"]) == (404, "achievement_not_found")


def test_an_unpublished_one_is_known_only_to_whoever_has_it(learner_api, sign_in, achievement, give):
    give(120)
    achievement.published = False
    achievement.save()
    assert explain(learner_api, "hundred")["unlocked"] is True
    assert sign_in(UserFactory()).get(f"{EXPLAIN}/achievement/hundred").status_code == 404


def test_an_identifier_of_digits_wins_over_a_key(learner_api, achievement):
    other = Achievement.objects.create(
        achievement_id=str(achievement.pk), name="Other", category="xp", condition={"type": "xp", "threshold": 5}
    )
    assert explain(learner_api, achievement.pk)["name"] == other.name


def test_an_achievement_costs_the_same_whatever_the_condition(
    learner_api, achievement, give, django_assert_num_queries
):
    give(1)
    with django_assert_num_queries(6):
        explain(learner_api, "hundred")
    achievement.condition = {"all": [{"type": "xp", "threshold": n} for n in range(1, 50)]}
    achievement.save()
    for n in range(20):
        Achievement.objects.create(
            achievement_id=f"a{n}", name=f"A{n}", category="x", condition={"type": "xp", "threshold": 1}
        )
    with django_assert_num_queries(6):
        explain(learner_api, "hundred")
    assert not Unlock.objects.exists()


@pytest.mark.parametrize("path", ["streak", "achievement/hundred"])
def test_strangers_are_asked_who_they_are(api, db, path):
    assert api.get(f"{EXPLAIN}/{path}").status_code == 401
