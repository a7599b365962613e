"""The daily bonus, over HTTP: once a date, by the length of the run that ends on the date of the completion."""

from datetime import UTC, datetime

import pytest

from gamification.models import LedgerEntry

from .day_patterns import day, noon, pattern_of

pytestmark = pytest.mark.django_db


def bonus_of(answer):
    return sum(entry["delta"] for entry in answer["entries"] if entry["reason"] == "streak_bonus")


def bonuses():
    entries = LedgerEntry.objects.filter(reason="streak_bonus").order_by("sequence")
    return {entry.reference_id: (entry.delta, entry.metadata["streak"]) for entry in entries}


def test_ten_days_pay_10_15_to_50(play):
    answers = [play(number) for number in range(1, 12)]
    assert [bonus_of(answer) for answer in answers] == [0, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50]
    assert [answer["streak"]["current_streak"] for answer in answers] == list(range(1, 12))
    last = answers[-1]
    assert (last["awarded_xp"], last["total_awarded_xp"]) == (10, 60)
    assert [(entry["reason"], entry["delta"]) for entry in last["entries"]] == [
        ("level_completion", 10),
        ("streak_bonus", 50),
    ]
    assert last["streak"] == {
        "action": "increased",
        "current_streak": 11,
        "longest_streak": 11,
        "freezes_available": 3,
    }


def test_only_the_first_completion_of_a_date_gets_the_bonus(play):
    play(1)
    assert [bonus_of(play(2)) for _ in range(3)] == [10, 0, 0]


def test_a_completion_that_was_not_passed_is_activity_too(play, arena):
    arena.pass_score = 50
    arena.save()
    play(1)
    assert bonus_of(play(2)) == 10


def test_the_entry_stores_the_date_and_the_streak(play, learner):
    play(1)
    play(2)
    entry = LedgerEntry.objects.get(reason="streak_bonus")
    assert (entry.reference_type, entry.reference_id, entry.metadata, entry.effective_at) == (
        "streak_bonus",
        "2026-03-02",
        {"breakdown": [{"factor": "streak_bonus", "value": 10}], "streak": 2},
        noon(2),
    )


def test_a_check_in_pays_nothing_and_the_first_completion_after_it_still_does(play, ask):
    play(1)
    status, answer = ask("POST", "update", 2)
    assert (status, answer["action"], answer["entries"]) == (200, "increased", [])
    assert bonus_of(play(2)) == 10
    assert bonus_of(play(2)) == 0


def test_days_kept_by_check_ins_count_for_the_bonus_of_later_days(play, ask):
    for number in [1, 2, 3]:
        ask("POST", "update", number)
    assert bonus_of(play(4)) == 20


def test_a_late_completion_is_paid_by_the_run_that_ends_on_its_own_date(play):
    for number in [1, 2, 5, 6]:
        play(number)
    late = play(4, on=6)  # the run that ends on day 4: days 1, 2 (3 is frozen) and 4
    assert bonus_of(late) == 15
    assert (late["streak"]["action"], late["streak"]["current_streak"]) == ("increased", 5)
    assert bonus_of(play(4, on=6)) == 0


def test_what_was_paid_is_never_recomputed(play):
    for number in [1, 2, 4, 5]:
        play(number)
    before = bonuses()
    assert bonus_of(play(3, on=5)) == 15
    assert bonuses() == before | {day(3).isoformat(): (15, 3)}
    assert bonus_of(play(6)) == 30


def test_a_late_completion_of_a_day_that_was_checked_in_pays_by_the_run_known_now(play, ask):
    play(1)
    ask("POST", "update", 2)
    play(3)
    assert bonus_of(play(2, on=3)) == 10
    assert bonus_of(play(2, on=4)) == 0
    assert bonus_of(play(4)) == 20


def test_a_late_completion_in_an_old_run_answers_with_todays_streak(play):
    for number in [1, 20, 21]:
        play(number)
    late = play(2, on=21)
    assert bonus_of(late) == 10
    assert (late["streak"]["action"], late["streak"]["current_streak"]) == ("maintained", 2)


def test_frozen_days_add_nothing_to_the_bonus(play):
    assert [bonus_of(play(number)) for number in [1, 2, 5]] == [0, 10, 15]


def test_the_first_day_after_a_break_pays_no_bonus(play):
    assert [bonus_of(play(number)) for number in [1, 2, 12, 13]] == [0, 10, 0, 10]


def test_a_retry_pays_no_second_bonus(play):
    play(1)
    event = "0b9f4a52-9d0e-4a0f-8a6b-2f9f6a1f7f10"
    first = play(2, client_event_id=event)
    again = play(3, client_event_id=event)
    assert (bonus_of(first), again["is_new_completion"]) == (10, False)
    assert list(bonuses()) == ["2026-03-02"]


def test_a_held_completion_is_no_activity_until_it_is_released(play, learner, arena, time_machine):
    from tracking.models import Completion
    from tracking.recording.services import release_completion

    play(1)
    arena.metadata = {"min_seconds": 60}
    arena.save()
    held = play(2, time_spent=1)
    assert (held["held"], held["streak"], pattern_of(learner)) == (True, None, "A")
    release_completion(Completion.objects.get(held=True), at=noon(3))
    assert pattern_of(learner) == "AA"
    assert bonuses() == {"2026-03-02": (10, 2)}


def test_the_bonus_uses_the_learners_local_date(play, learner, sign_in, time_machine):
    learner.profile.time_zone = "Asia/Jakarta"
    learner.profile.save()
    play(1, at=datetime(2026, 3, 1, 16, 59, tzinfo=UTC))
    assert bonus_of(play(1, at=datetime(2026, 3, 1, 17, 0, tzinfo=UTC))) == 10
    assert list(bonuses()) == ["2026-03-02"]
