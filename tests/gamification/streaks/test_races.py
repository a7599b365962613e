"""Simultaneous requests in real threads: one bonus a date, one freeze a day. SQLite runs them one after another."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from gamification.awards.activity import check_in, protect_today
from gamification.errors import NotRepairable, TimeZoneChangeTooSoon
from gamification.models import Amnesty, AppliedAmnesty, LearnerProfile, LedgerEntry, TimeZoneChange
from gamification.staff.amnesties import (
    AmnestyChanged,
    apply_amnesties,
    confirm_preview,
    grant_amnesty,
    start_preview,
    undo_amnesty,
)
from gamification.staff.day_repairs import repair_day, return_freeze
from gamification.streaks.changing_zones import change_time_zone
from jobs.running import run_waiting_jobs
from tests.factories import LevelFactory, StaffFactory, UserFactory
from tests.threads import at_once
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .day_patterns import day, freezes_of, noon, pattern_of, profile_of

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def assert_rows_and_profiles_agree():
    assert list(rebuild_profiles(write=False, at=datetime.now(UTC))) == []


@pytest.fixture
def play(learner):
    LevelFactory(level_id="arena", kind="mode", max_score=100)

    def play(number, *, on):
        claim = Claim("arena", 1, client_event_id=uuid4(), occurred_at=noon(number))
        complete_level(learner=learner, claim=claim, source="api", at=noon(on))

    return play


def test_many_first_completions_of_a_date_pay_one_bonus(learner, play):
    play(1, on=1)
    at_once([lambda: play(2, on=2)] * THREADS)
    bonuses = LedgerEntry.objects.filter(reason="streak_bonus")
    assert list(bonuses.values_list("reference_id", "delta")) == [("2026-03-02", 10)]
    assert_rows_and_profiles_agree()


def test_days_that_arrive_at_once_are_all_kept(learner, play):
    numbers = [1, 2, 3, 4, 5, 6, 7, 8]
    at_once([lambda number=number: play(number, on=8) for number in numbers])
    assert pattern_of(learner) == "AAAAAAAA"
    assert profile_of(learner).streak_run == 8
    assert_rows_and_profiles_agree()


def test_simultaneous_check_ins_after_a_gap_use_its_freezes_once(learner):
    check_in(learner.pk, at=noon(1))
    at_once([lambda: check_in(learner.pk, at=noon(4))] * THREADS)
    assert (pattern_of(learner), freezes_of(learner)) == ("AFFA", "-2 -3")


def test_protecting_today_many_times_at_once_uses_one_freeze(learner):
    check_in(learner.pk, at=noon(1))
    at_once([lambda: protect_today(learner.pk, at=noon(2))] * THREADS)
    assert (pattern_of(learner), freezes_of(learner)) == ("AF", "-2")


def test_of_simultaneous_changes_of_zone_one_succeeds(learner):
    zones = ["Asia/Jakarta", "Asia/Tokyo", "America/Lima", "Europe/Berlin"]

    def move(zone):
        try:
            change_time_zone(learner.pk, zone, at=noon(1))
            return zone
        except TimeZoneChangeTooSoon:
            return None

    moved = at_once([lambda zone=zone: move(zone) for zone in zones])
    assert [zone for zone in moved if zone] == [profile_of(learner).time_zone]
    assert TimeZoneChange.objects.count() == 1


def test_an_amnesty_while_learners_play_reaches_everybody_once(play, learner):
    staff, people = StaffFactory(), [learner, *UserFactory.create_batch(3)]
    for person in people:
        check_in(person.pk, at=noon(1))
    span = {"starts_at": noon(2), "ends_at": noon(3), "reason": "?", "actor": staff}
    calls = [lambda person=person: check_in(person.pk, at=noon(4)) for person in people]
    at_once([*calls, lambda: grant_amnesty(**span, at=noon(4)), lambda: apply_amnesties(at=noon(4))])
    apply_amnesties(at=noon(4))
    assert [pattern_of(person) for person in people] == ["APPA"] * 4
    assert [profile_of(person).freezes_available for person in people] == [3] * 4
    assert_rows_and_profiles_agree()


def test_an_amnesty_is_undone_while_learners_play(learner, play):
    """Who was faster keeps the pardoned days; of the others nothing is left of them."""
    staff, people = StaffFactory(), [learner, *UserFactory.create_batch(3)]
    for person in people:
        check_in(person.pk, at=noon(1))
    amnesty = grant_amnesty(starts_at=noon(2), ends_at=noon(3), reason="?", actor=staff, at=noon(3))
    late = UserFactory()  # gets it with the check-in, or not at all
    undo_amnesty(amnesty.pk, note="?", actor=staff, at=noon(4))
    calls = [lambda person=person: check_in(person.pk, at=noon(4)) for person in [people[0], late]]
    at_once([*calls, lambda: play(4, on=4), run_waiting_jobs])
    run_waiting_jobs()
    has_it = {effect.learner_id for effect in AppliedAmnesty.objects.all()}
    is_undone = Amnesty.objects.get().undone_at is not None
    assert {person.pk for person in people[1:]} & has_it == (set() if is_undone else {each.pk for each in people[1:]})
    assert pattern_of(learner) == ("APPA" if learner.pk in has_it else "AFFA")
    assert ("P" in pattern_of(late)) == (late.pk in has_it)
    assert_rows_and_profiles_agree()


def test_two_people_confirm_a_preview_at_once(learner):
    check_in(learner.pk, at=noon(1))
    staff = StaffFactory()
    shown = start_preview(starts_at=noon(2), ends_at=noon(3), reason="?", actor=staff, at=noon(3))
    done = at_once([lambda: confirm_preview(shown.pk, actor=staff, at=noon(3))[1]] * THREADS)
    assert sorted(done) == [False] * (THREADS - 1) + [True]
    assert (Amnesty.objects.count(), pattern_of(learner)) == (1, "APP")


def test_an_amnesty_is_confirmed_while_a_learner_plays(learner):
    """It does what was shown, or nothing."""
    check_in(learner.pk, at=noon(1))
    staff = StaffFactory()
    shown = start_preview(starts_at=noon(2), ends_at=noon(3), reason="?", actor=staff, at=noon(3))

    def confirm():
        with suppress(AmnestyChanged):
            return confirm_preview(shown.pk, actor=staff, at=noon(3))

    at_once([confirm, lambda: check_in(learner.pk, at=noon(3))])
    assert pattern_of(learner) == ("APA" if Amnesty.objects.exists() else "AFA")
    assert_rows_and_profiles_agree()


def test_a_double_click_returns_one_freeze(learner):
    for number in (1, 3):
        check_in(learner.pk, at=noon(number))
    why = {"actor": StaffFactory(), "reason": "?", "note": "?", "at": noon(4)}
    done = at_once([lambda: return_freeze(learner_id=learner.pk, date=day(2), **why)] * 2 * THREADS)
    assert sorted(each.is_new for each in done) == [False] * (2 * THREADS - 1) + [True]
    assert (pattern_of(learner), freezes_of(learner), profile_of(learner).freezes_available) == ("APA", "-2 +2", 3)
    assert_rows_and_profiles_agree()


def test_a_day_is_repaired_while_the_learner_reports_it(learner, play):
    LearnerProfile.objects.filter(pk=learner.pk).update(freezes_available=0, first_freezes=0)
    for number in (1, 3):
        check_in(learner.pk, at=noon(number))
    why = {"actor": StaffFactory(), "reason": "?", "note": "?", "at": noon(4)}

    def repair():
        with suppress(NotRepairable):  # the learner was faster
            repair_day(learner_id=learner.pk, date=day(2), **why)

    at_once([repair, lambda: check_in(learner.pk, at=noon(2)), repair])
    assert (pattern_of(learner), profile_of(learner).streak_run) == ("AAA", 3)
    assert_rows_and_profiles_agree()


def test_amnesties_granted_at_once_get_numbers_without_gaps(db):
    staff = StaffFactory()

    def grant():
        return grant_amnesty(starts_at=noon(1), ends_at=noon(2), reason="?", actor=staff, at=noon(2)).number

    assert sorted(at_once([grant] * 4)) == [1, 2, 3, 4] == sorted(Amnesty.objects.values_list("number", flat=True))


def test_a_rebuild_while_learners_play_sees_whole_completions(learner, play):
    def look():
        return list(rebuild_profiles(write=False, at=noon(1)))

    for number in range(1, 6):
        seen = at_once([lambda number=number: play(number, on=number), look, look])
        assert seen[1:] == [[], []]
