"""Staff return a freeze to a learner, or repair a day that the learner missed: the day is pardoned."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from gamification.awards.activity import check_in
from gamification.errors import LearnerErased, NotRepairable, OwnDays
from gamification.models import Achievement, ActivityDay, DayRepair, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.day_repairs import (
    StreakNumbers,
    preview_repair_day,
    preview_return_freeze,
    repair_day,
    return_freeze,
)
from gamification.streaks.changing_zones import change_time_zone
from tests.factories import StaffFactory

from .day_patterns import day, freezes_of, noon, pattern_of, profile_of

pytestmark = pytest.mark.django_db
WHY = {"reason": "Your train had no network.", "note": "Ticket 7"}


@pytest.fixture
def act(learner):
    """`act(repair_day, 3)` repairs the third day at noon of the seventh."""
    actor = StaffFactory()

    def act(service, number, *, on=7, **more):
        why = {} if service in (preview_repair_day, preview_return_freeze) else WHY
        return service(learner_id=learner.pk, date=day(number), actor=actor, at=noon(on), **why, **more)

    return act


@pytest.fixture
def active(learner):
    def active(*numbers):
        for number in numbers:
            check_in(learner.pk, at=noon(number))

    return active


@pytest.fixture
def repair(act):
    return partial(act, repair_day)


@pytest.fixture
def give_back(act):
    return partial(act, return_freeze)


def without_freezes(learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=0, first_freezes=0)


def test_a_repaired_day_joins_the_streak_before_it_to_the_one_after(learner, active, repair):
    without_freezes(learner)
    active(1, 2, 3, 5, 6, 7)
    done = repair(4)
    assert (done.before, done.after) == (StreakNumbers(3, 3, 0), StreakNumbers(6, 6, 0))
    assert (pattern_of(learner), profile_of(learner).streak_run, done.is_new) == ("AAAPAAA", 6, True)


def test_a_streak_that_ended_yesterday_is_alive_again(learner, active, repair):
    without_freezes(learner)
    active(4, 5)
    done = repair(6)
    assert (done.before.current, done.after.current, profile_of(learner).alive_until) == (0, 2, day(7))
    active(7)
    assert profile_of(learner).streak_run == 3


def test_a_repair_that_does_not_reach_today_saves_no_streak(learner, active, repair):
    without_freezes(learner)
    active(2, 3)
    done = repair(4)
    assert (done.before, done.after, pattern_of(learner)) == (StreakNumbers(0, 2, 0), StreakNumbers(0, 2, 0), ".AAP")


def test_a_freeze_comes_back_and_the_day_stays_safe(learner, active, give_back):
    active(1, 2, 5, 6, 7)
    assert (pattern_of(learner), profile_of(learner).freezes_available) == ("AAFFAAA", 1)
    done = give_back(4)
    assert (done.before, done.after) == (StreakNumbers(5, 5, 1), StreakNumbers(5, 5, 2))
    assert (pattern_of(learner), freezes_of(learner)) == ("AAFPAAA", "-3 -4 +4")


def test_a_returned_freeze_keeps_the_streak_alive_for_a_day_more(learner, active, give_back):
    active(4, 6)
    before = profile_of(learner).alive_until
    give_back(5)
    assert (before, profile_of(learner).alive_until) == (day(9), day(10))


@pytest.mark.parametrize(
    ("service", "number", "why"),
    [
        (repair_day, 7, "The day is not over yet."),
        (repair_day, 8, "The day is not over yet."),
        (repair_day, 2, "The day was not missed."),  # active
        (repair_day, 3, "The day was not missed."),  # frozen
        (return_freeze, 2, "No freeze was used for this day."),
        (return_freeze, 6, "No freeze was used for this day."),
        (return_freeze, 9, "The day is not over yet."),
        (repair_day, -1, "The learner had no streak before this day."),
    ],
)
def test_other_days_are_refused(learner, active, act, service, number, why):
    active(1, 2, 4, 5)
    with pytest.raises(NotRepairable, match=why):
        act(service, number)
    assert (pattern_of(learner), DayRepair.objects.count()) == ("AAFAA", 0)


def test_a_day_that_an_amnesty_pardons_was_not_missed(learner, active, repair, grant):
    without_freezes(learner)
    active(1)
    grant(4, 4, on=6)
    with pytest.raises(NotRepairable, match="not missed"):
        repair(4)


def test_a_date_that_the_clock_skipped_was_not_missed(learner, active, act):
    change_time_zone(learner.pk, "Pacific/Pago_Pago", at=noon(1))
    active(2)
    change_time_zone(learner.pk, "Pacific/Kiritimati", at=noon(3).replace(hour=10, minute=30))
    with pytest.raises(NotRepairable, match="not missed"):
        act(repair_day, 3)


@pytest.mark.parametrize(("on", "is_refused"), [(33, False), (34, True)])
def test_a_day_is_repaired_for_31_days(learner, active, repair, on, is_refused):
    without_freezes(learner)
    active(1)
    if is_refused:
        with pytest.raises(NotRepairable, match="more than 31 days"):
            repair(2, on=on)
    else:
        assert repair(2, on=on).is_new


def test_a_freeze_beyond_the_maximum_is_not_returned(learner, active, give_back):
    active(1, 3, 4, 5, 6, 7, 8)
    assert freezes_of(learner) == "-2 *8"
    with pytest.raises(NotRepairable, match="as many freezes"):
        give_back(2, on=9)


@pytest.mark.parametrize(("service", "number"), [(repair_day, 6), (return_freeze, 3)])
def test_a_second_click_changes_nothing(learner, active, act, service, number):
    active(1, 2, 4, 5)
    first = act(service, number)
    rows = pattern_of(learner), freezes_of(learner), profile_of(learner).freezes_available
    second = act(service, number)
    assert (second.repair, second.is_new, second.before) == (first.repair, False, second.after)
    assert second.after == first.after
    assert (pattern_of(learner), freezes_of(learner), profile_of(learner).freezes_available) == rows


def test_the_row_says_who_repaired_what_and_why(learner, active, repair):
    active(1, 2)
    row = repair(6).repair
    stored = DayRepair.objects.get()
    assert (stored, stored.learner, stored.date, stored.kind) == (row, learner, day(6), "repaired")
    assert (stored.reason, stored.note, stored.actor.is_staff, stored.created_at) == (*WHY.values(), True, noon(7))


def test_nobody_repairs_their_own_days(learner, active):
    active(1, 2)
    for service in (repair_day, return_freeze):
        with pytest.raises(OwnDays):
            service(learner_id=learner.pk, date=day(3), actor=learner, at=noon(7), **WHY)
    own = {"learner": learner, "actor": learner, "date": day(3), "kind": "repaired", "created_at": noon(7)}
    with pytest.raises(IntegrityError, match="repaired_day_not_ones_own"), transaction.atomic():
        DayRepair.objects.create(**own)


def test_an_erased_learner_is_left_alone(learner, active, repair):
    active(1, 2)
    LearnerProfile.objects.filter(pk=learner.pk).update(erased_at=noon(6))
    with pytest.raises(LearnerErased):
        repair(3)
    assert not DayRepair.objects.exists()


def test_a_longer_streak_unlocks_what_it_unlocks_for_everybody(learner, active, repair):
    without_freezes(learner)
    week = {"achievement_id": "five", "name": "Five", "category": "streak", "xp_reward": 40}
    Achievement.objects.create(condition={"type": "consecutive_days", "days": 5}, **week)
    active(1, 2, 3, 5, 6)
    done = repair(4)
    assert ([each.achievement_id for each in done.earned.achievements], sum(each.delta for each in done.entries)) == (
        ["five"],
        40,
    )
    assert (Unlock.objects.count(), LedgerEntry.objects.count(), profile_of(learner).total_xp) == (1, 1, 40)


def test_a_preview_shows_the_same_and_changes_nothing(learner, active, act):
    without_freezes(learner)
    active(1, 2, 3, 5, 6)
    preview = act(preview_repair_day, 4)
    assert (preview.repaired.before.current, preview.repaired.after.current, preview.refusal) == (2, 5, "")
    assert (pattern_of(learner), DayRepair.objects.count(), profile_of(learner).streak_run) == ("AAA.AA", 0, 2)
    assert act(repair_day, 4).after == preview.repaired.after


def test_a_preview_says_why_it_would_be_refused(active, act):
    active(1, 2, 4)
    assert act(preview_repair_day, 2).refusal == "The day was not missed."
    assert act(preview_return_freeze, 2).refusal == "No freeze was used for this day."


def test_activity_that_arrives_later_makes_a_repaired_day_active(learner, repair, active, play):
    without_freezes(learner)
    active(1, 2, 4)
    repair(3, on=5)
    play(3, on=6)
    assert (pattern_of(learner), profile_of(learner).streak_run) == ("AAAA", 4)


def test_a_repair_reads_and_writes_as_much_for_a_long_history(learner, active, repair, django_assert_max_num_queries):
    rows = [ActivityDay(learner=learner, date=day(-n), kind="active", recorded_at=noon(1)) for n in range(5, 400)]
    ActivityDay.objects.bulk_create(rows)
    active(1, 2)
    with django_assert_max_num_queries(12):
        repair(6)
