"""Freezes over HTTP: how they are used, returned and earned, each time with a row."""

import pytest

from gamification.models import FreezeEvent

from .day_patterns import day, freezes_of, noon, pattern_of, profile_of

pytestmark = pytest.mark.django_db


def explained(learner):
    """The number of freezes; also checks that the rows add up to it."""
    profile = profile_of(learner)
    deltas = FreezeEvent.objects.filter(learner=learner).values_list("delta", flat=True)
    assert profile.first_freezes + sum(deltas) == profile.freezes_available
    return profile.freezes_available


def test_two_missed_days_use_two_freezes_and_add_nothing(play, learner):
    play(1)
    play(2)
    streak = play(5)["streak"]
    assert streak == {"action": "frozen", "current_streak": 3, "longest_streak": 3, "freezes_available": 1}
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AAFFA", "-3 -4", 1)
    assert play(6)["streak"]["current_streak"] == 4


def test_as_many_missed_days_as_freezes_are_bridged_and_one_more_breaks(play, learner):
    play(1)
    assert play(5)["streak"] == {
        "action": "frozen",
        "current_streak": 2,
        "longest_streak": 2,
        "freezes_available": 0,
    }
    assert play(7)["streak"] == {
        "action": "broken",
        "current_streak": 1,
        "longest_streak": 2,
        "freezes_available": 0,
    }
    assert (pattern_of(learner), freezes_of(learner)) == ("AFFFA.A", "-2 -3 -4")


def test_a_gap_of_nine_days_breaks_the_streak_and_uses_no_freeze(play, learner):
    play(1)
    play(2)
    assert play(12)["streak"] == {
        "action": "broken",
        "current_streak": 1,
        "longest_streak": 2,
        "freezes_available": 3,
    }
    assert (pattern_of(learner), freezes_of(learner)) == ("AA.........A", "")


def test_a_late_event_returns_a_freeze(play, learner):
    for number in [1, 2, 5]:
        play(number)
    streak = play(3, on=5)["streak"]
    assert streak == {"action": "increased", "current_streak": 4, "longest_streak": 4, "freezes_available": 2}
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AAAFA", "-3 -4 +3", 2)
    play(3, on=5)
    assert freezes_of(learner) == "-3 -4 +3"


def test_a_late_event_never_returns_a_fourth_freeze(play, learner):
    for number in [1, 3, 4, 5, 6, 7, 8]:  # one used, and one earned on the seventh active day
        play(number)
    assert (freezes_of(learner), explained(learner)) == ("-2 *8", 3)
    assert play(2, on=8)["streak"]["freezes_available"] == 3
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AAAAAAAA", "-2 *8", 3)


def test_events_in_the_wrong_order_use_no_freeze_in_the_end(play, learner):
    for number in [1, 4, 3, 2]:
        play(number, on=4)
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AAAA", "-2 -3 +3 +2", 3)


def test_every_seventh_streak_day_earns_one_up_to_three(play, learner):
    for number in [1, 2, 4, 5, 7, 8, 9, 10, 11]:
        play(number)
    assert (freezes_of(learner), explained(learner)) == ("-3 -6 *9", 2)
    for number in range(12, 30):
        play(number)
    # Day 16 is the fourteenth active one; on day 23 and later there are three already.
    assert (freezes_of(learner), explained(learner)) == ("-3 -6 *9 *16", 3)


def test_a_seventh_day_earns_one_freeze_however_many_activities_it_has(play, ask, learner):
    for number in [1, 2, 4, 5, 6, 7]:
        play(number)
    assert ask("POST", "update", 8)[1]["freezes_available"] == 3
    play(8)
    ask("POST", "update", 8)
    assert freezes_of(learner) == "-3 *8"


def test_a_late_day_that_is_the_seventh_of_its_run_earns_a_freeze(play, learner):
    for number in [1, 2, 3, 4, 5, 6, 8]:
        play(number)
    assert freezes_of(learner) == "-7 *8"
    play(7, on=8)  # given back in vain (three in hand); day 7 is a seventh day as well, in vain too
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AAAAAAAA", "-7 *8", 3)


def test_closing_a_gap_earns_no_freeze_for_days_recorded_before(play, learner):
    for number in [1, 2, 3, 5, 6, 7, 8, 12]:
        play(number)
    assert (pattern_of(learner), freezes_of(learner)) == ("AAAFAAAAFFFA", "-4 *8 -9 -10 -11")


def test_a_late_event_after_the_last_activity_uses_freezes_like_a_return(play, learner):
    play(1)
    play(2)
    streak = play(4, on=12)["streak"]
    assert streak == {"action": "frozen", "current_streak": 0, "longest_streak": 3, "freezes_available": 2}
    assert (pattern_of(learner), freezes_of(learner)) == ("AAFA", "-3")


def test_a_gap_that_broke_the_streak_is_closed_when_all_its_days_are_filled(play, learner):
    for number in [1, 2, 9]:
        play(number)
    runs = [play(number, on=9)["streak"]["current_streak"] for number in [4, 8, 6, 7, 5, 3]]
    assert runs == [1, 2, 2, 4, 6, 9]
    assert (pattern_of(learner), freezes_of(learner)) == ("AAAAAAAAA", "")


def test_no_freeze_is_used_for_a_gap_that_broke_the_streak_before(play, learner):
    for number in [1, 2, 9]:
        play(number)
    for number in [4, 5, 6, 7, 8]:
        play(number, on=9)
    assert (pattern_of(learner), freezes_of(learner)) == ("AA.AAAAAA", "")
    assert play(10)["streak"]["current_streak"] == 7


def protect(ask, number, **options):
    return ask("POST", "freeze", number, **options)


def test_a_freeze_in_advance_protects_today_once(play, ask, learner):
    play(1)
    first, second = protect(ask, 2), protect(ask, 2)
    assert first == second
    assert first == ask("GET", "status", 2)
    assert (first[0], first[1]["freezes_available"], first[1]["current_streak"]) == (200, 2, 1)
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AF", "-2", 2)
    assert play(3)["streak"] == {
        "action": "increased",
        "current_streak": 2,
        "longest_streak": 2,
        "freezes_available": 2,
    }


def test_activity_later_on_a_protected_day_returns_the_freeze(play, ask, learner):
    play(1)
    protect(ask, 2)
    assert play(2)["streak"] == {
        "action": "increased",
        "current_streak": 2,
        "longest_streak": 2,
        "freezes_available": 3,
    }
    assert (pattern_of(learner), freezes_of(learner)) == ("AA", "-2 +2")


def test_after_activity_today_there_is_nothing_to_protect(play, ask, learner):
    play(1)
    assert protect(ask, 1)[1]["freezes_available"] == 3
    assert (pattern_of(learner), freezes_of(learner)) == ("A", "")


def test_protecting_today_without_freezes_is_refused(play, ask, learner):
    play(1)
    for number in [2, 3, 4]:
        assert protect(ask, number)[0] == 200
    status, problem = protect(ask, 5)
    assert (status, problem["code"]) == (400, "no_freezes_left")
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AFFF", "-2 -3 -4", 0)
    assert play(5)["streak"]["action"] == "increased"


def test_missed_days_before_today_are_protected_with_it(play, ask, learner):
    play(1)
    assert protect(ask, 3)[1]["freezes_available"] == 1
    assert pattern_of(learner) == "AFF"


def test_a_freeze_that_could_not_save_the_streak_is_refused(play, ask, learner):
    play(1)
    assert protect(ask, 5)[1]["code"] == "no_freezes_left"
    assert (pattern_of(learner), explained(learner)) == ("A", 3)
    assert play(5)["streak"]["action"] == "frozen"


def test_without_a_streak_no_freeze_is_used(play, ask, learner):
    status, problem = protect(ask, 1)
    assert (status, problem["code"]) == (400, "no_streak")
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("", "", 3)
    assert play(3)["streak"] == {"action": "started", "current_streak": 1, "longest_streak": 1, "freezes_available": 3}


def test_the_page_uses_no_freeze_without_a_streak_either(client, learner):
    client.force_login(learner)
    page = client.post("/streak/freeze", follow=True)
    assert "There is no streak to protect yet." in page.content.decode()
    assert (pattern_of(learner), explained(learner)) == ("", 3)


def test_after_the_end_of_a_streak_no_freeze_is_used(play, ask, learner):
    play(1)
    play(2)
    status, problem = protect(ask, 12)
    assert (status, problem["code"]) == (400, "no_streak")
    assert (pattern_of(learner), freezes_of(learner), explained(learner)) == ("AA", "", 3)
    assert play(13)["streak"]["action"] == "broken"


@pytest.mark.parametrize(("freezes", "at_most"), [(0, 0), (5, 5)])
def test_the_numbers_of_freezes_are_settings(settings, play, freezes, at_most, learner):
    settings.STREAK_FREEZES_AT_MOST = at_most
    profile = profile_of(learner)
    profile.freezes_available = profile.first_freezes = freezes
    profile.save()
    play(1)
    assert play(7)["streak"]["action"] == ("frozen" if freezes else "broken")
    assert explained(learner) == 0


def test_days_and_freezes_are_recorded_at_the_time_of_the_request(play, learner):
    play(1)
    play(3)
    assert set(FreezeEvent.objects.values_list("date", "created_at")) == {(day(2), noon(3))}
    assert set(learner.activity_days.values_list("date", "recorded_at")) == {
        (day(1), noon(1)),
        (day(2), noon(3)),
        (day(3), noon(3)),
    }
