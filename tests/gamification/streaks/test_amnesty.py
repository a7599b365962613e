"""An amnesty: missed and frozen days are pardoned, freezes are returned, gaps are closed, no streak gets shorter."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from gamification.awards.activity import check_in
from gamification.models import Achievement, ActivityDay, Amnesty, AppliedAmnesty, LearnerProfile, Unlock
from gamification.staff.amnesties import apply_amnesties, applying, grant_amnesty, granting
from gamification.streaks.changing_zones import change_time_zone
from jobs.models import Job
from tests.factories import StaffFactory, UserFactory

from .day_patterns import day, freezes_of, noon, pattern_of, profile_of

pytestmark = pytest.mark.django_db


def check_in_on(learner, *numbers):
    """Check in on each day; return the streak after each."""
    return [check_in(learner.pk, at=noon(number)).profile.streak_run for number in numbers]


def totals(learner):
    profile = profile_of(learner)
    return profile.streak_run, profile.longest_streak, profile.freezes_available


def test_missed_days_are_pardoned_and_the_streak_continues(learner, grant):
    check_in_on(learner, 1, 2)
    grant(3, 8)
    assert (pattern_of(learner), totals(learner)) == ("AAPPPPPP", (2, 2, 3))
    assert check_in_on(learner, 9) == [3]
    assert (pattern_of(learner), freezes_of(learner)) == ("AAPPPPPPA", "")


def test_only_the_dates_within_the_span_are_pardoned(learner, grant):
    check_in_on(learner, 1)
    grant(3, 3)
    assert pattern_of(learner) == "A.P"
    check_in_on(learner, 4)
    assert (pattern_of(learner), freezes_of(learner)) == ("AFPA", "-2")


def test_freezes_used_for_pardoned_days_are_returned(learner, grant):
    check_in_on(learner, 1, 2, 5)
    assert pattern_of(learner) == "AAFFA"
    grant(3, 4, on=6)
    assert (pattern_of(learner), freezes_of(learner), totals(learner)) == ("AAPPA", "-3 -4 +3 +4", (3, 3, 3))


def test_returned_freezes_never_exceed_the_maximum(learner, grant):
    check_in_on(learner, 1, 3, 4, 5, 6, 7, 8)
    assert freezes_of(learner) == "-2 *8"
    grant(2, 2, on=9)
    assert (pattern_of(learner), freezes_of(learner), totals(learner)) == ("APAAAAAA", "-2 *8", (7, 7, 3))


def test_a_gap_whose_days_are_all_pardoned_is_closed(learner, grant):
    check_in_on(learner, 1, 2, 8, 9)
    assert totals(learner) == (2, 2, 3)
    grant(3, 7, on=9)
    assert (pattern_of(learner), totals(learner)) == ("AAPPPPPAA", (4, 4, 3))


def test_a_gap_with_a_day_that_is_not_pardoned_stays(learner, grant):
    check_in_on(learner, 1, 2, 8, 9)
    grant(3, 6, on=9)
    assert (pattern_of(learner), totals(learner)) == ("AAPPPP.AA", (2, 2, 3))


def test_a_streak_that_ended_during_the_span_continues(learner, grant, ask):
    check_in_on(learner, 1, 2)
    assert ask("GET", "status", 8)[1]["current_streak"] == 0
    grant(3, 5, on=8)
    answer = ask("GET", "status", 8)[1]
    assert (answer["current_streak"], answer["freezes_available"], answer["at_risk"]) == (2, 3, True)
    assert [each["status"] for each in answer["days"][-7:]] == ["active", *3 * ["pardoned"], *2 * ["missed"], "none"]
    assert check_in_on(learner, 8) == [3]
    assert pattern_of(learner) == "AAPPPFFA"


def test_active_days_stay_active(learner, grant):
    check_in_on(learner, 1, 2, 3)
    grant(1, 4)
    assert (pattern_of(learner), totals(learner)) == ("AAAP", (3, 3, 3))


def test_a_pardoned_day_that_turns_out_active_counts(learner, grant, play):
    check_in_on(learner, 1, 2)
    grant(3, 4)
    assert play(3, on=5)["streak"] == {
        "action": "increased",
        "current_streak": 3,
        "longest_streak": 3,
        "freezes_available": 3,
    }
    assert pattern_of(learner) == "AAAP"


def test_an_amnesty_may_be_granted_before_its_span(learner, grant):
    check_in_on(learner, 1)
    grant(3, 4, on=1)
    assert check_in_on(learner, 2, 5) == [2, 3]
    assert (pattern_of(learner), freezes_of(learner)) == ("AAPPA", "")


def test_pardoned_days_apart_from_the_streak_join_it_when_it_reaches_them(learner, grant):
    check_in_on(learner, 1)
    grant(9, 10, on=1)
    check_in_on(learner, 2)
    assert (pattern_of(learner), profile_of(learner).has_later_days) == ("AA......PP", True)
    check_in_on(learner, 5, 8)
    assert (pattern_of(learner), profile_of(learner).has_later_days) == ("AAFFA..APP", False)
    assert check_in_on(learner, 11) == [2]


def test_an_amnesty_also_covers_events_that_arrive_later(learner, grant, play):
    grant(2, 6)  # the server does not know yet that the learner has a streak
    assert pattern_of(learner) == ""
    play(7)
    late = play(1, on=8)
    assert (late["streak"]["current_streak"], pattern_of(learner)) == (2, "APPPPPA")
    assert freezes_of(learner) == ""


def test_learners_without_a_running_streak_get_the_amnesty_with_their_next_activity(learner, grant):
    check_in_on(learner, 1, 2)
    grant(20, 21)
    assert (pattern_of(learner), profile_of(learner).amnesties_applied) == ("AA", 0)
    assert check_in_on(learner, 22) == [1]
    assert (pattern_of(learner), profile_of(learner).amnesties_applied) == ("AA.................PPA", 1)


def test_an_amnesty_older_than_any_day_that_can_be_recorded_is_left_out(learner, grant, play):
    grant(2, 3)
    grant(40, 41)
    assert check_in_on(learner, 60) == [1]
    assert (pattern_of(learner).strip("."), profile_of(learner).amnesties_applied) == ("PP..................A", 2)


def test_a_span_that_ends_at_midnight_leaves_the_next_date_alone(learner, grant):
    check_in_on(learner, 1)
    grant(2, 3, hours=(10, 0))
    assert pattern_of(learner) == "AP"


def test_it_follows_each_learners_own_dates(learner, grant):
    tokyo, lima = UserFactory(profile__time_zone="Asia/Tokyo"), UserFactory(profile__time_zone="America/Lima")
    for person in [learner, tokyo, lima]:
        check_in_on(person, 1)
    grant(3, 3, hours=(15, 16))
    assert [pattern_of(person) for person in [learner, tokyo, lima]] == ["A.P", "A..P", "A.P"]


def test_a_learner_who_moved_within_the_span_has_the_dates_of_both_zones(learner, grant):
    check_in_on(learner, 1)
    change_time_zone(learner.pk, "Pacific/Kiritimati", at=noon(3))
    grant(3, 3, hours=(11, 13))
    assert pattern_of(learner) == "A.PP"


def test_several_amnesties_are_applied_once_each(learner, grant):
    check_in_on(learner, 1)
    grant(2, 2)
    grant(2, 3)
    assert (pattern_of(learner), profile_of(learner).amnesties_applied) == ("APP", 2)
    # The first one's day was pardoned by the first one.
    assert learner.activity_days.get(date=day(2)).recorded_at == noon(2) + timedelta(hours=4)
    assert apply_amnesties(at=noon(4)) == 0
    assert check_in_on(learner, 4) == [2]


def test_a_restored_streak_may_unlock_achievements(learner, grant):
    Achievement.objects.create(
        achievement_id="four",
        name="Four days",
        category="streaks",
        xp_reward=20,
        condition={"type": "consecutive_days", "days": 4},
    )
    check_in_on(learner, 1, 2, 8, 9)
    grant(3, 7, on=10)
    unlock = Unlock.objects.get()
    assert (unlock.learner, unlock.earned_at) == (learner, noon(10) + timedelta(hours=4))
    assert (profile_of(learner).total_xp, profile_of(learner).achievements_unlocked) == (20, 1)


def test_applying_amnesties_can_be_stopped_and_continued(grant, monkeypatch, capsys):
    monkeypatch.setattr(applying, "BATCH", 2)
    people = UserFactory.create_batch(5)
    for person in people:
        check_in_on(person, 1)
    whole, batches = applying.apply_to, []

    def dies_in_the_second(*words):
        batches.append(words)
        if len(batches) == 2:
            raise RuntimeError("pulled the plug")
        whole(*words)

    monkeypatch.setattr(applying, "apply_to", dies_in_the_second)
    grant(2, 3)
    assert [pattern_of(person) for person in people] == ["APP", "APP", "A", "A", "A"]
    monkeypatch.setattr(applying, "apply_to", whole)
    call_command("apply_amnesties")
    assert "3 learners" in capsys.readouterr().out
    assert [pattern_of(person) for person in people] == ["APP"] * 5


def test_granting_does_not_wait_for_all_learners(grant, monkeypatch):
    monkeypatch.setattr(granting, "PATIENCE", 0)
    person = UserFactory()
    check_in_on(person, 1)
    grant(2, 3)
    assert pattern_of(person) == "A"
    assert apply_amnesties(at=noon(4)) == 1
    assert pattern_of(person) == "APP"


def test_a_job_goes_on_with_the_learners_for_whom_there_was_no_time(grant, monkeypatch):
    monkeypatch.setattr(granting, "PATIENCE", 0)
    monkeypatch.setattr(applying, "BATCH", 2)
    people = UserFactory.create_batch(3)
    for person in people:
        check_in_on(person, 1)
    grant(2, 3)
    call_command("run_jobs", once=True)
    job = Job.objects.get()
    assert (job.kind, job.state, job.done, job.total) == ("apply_amnesties", "done", 3, 3)
    assert [pattern_of(person) for person in people] == ["APP"] * 3


def test_a_batch_costs_the_same_statements_for_one_and_for_three_learners(grant):
    costs = []
    for count in [1, 3]:
        for person in UserFactory.create_batch(count):
            check_in_on(person, 1, 3)
        grant(2, 4)
        ActivityDay.objects.filter(kind="pardoned").delete()
        AppliedAmnesty.objects.all().delete()
        LearnerProfile.objects.update(amnesties_applied=0)
        with CaptureQueriesContext(connection) as captured:
            apply_amnesties(at=noon(5))
        costs.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert costs[0] == costs[1] <= 10


@pytest.mark.parametrize(
    ("hours", "words"), [(-1, "end after it starts"), (0, "end after it starts"), (745, "31 days")]
)
def test_an_impossible_span_is_refused(hours, words):
    with pytest.raises(ValidationError, match=words):
        grant_amnesty(
            starts_at=noon(1), ends_at=noon(1) + timedelta(hours=hours), reason="?", actor=StaffFactory(), at=noon(1)
        )
    assert Amnesty.objects.count() == 0


def test_amnesty_numbers_have_no_gaps_and_are_unique(grant):
    assert [grant(number, number).number for number in [1, 2, 3]] == [1, 2, 3]
    with pytest.raises(IntegrityError):
        Amnesty.objects.create(
            number=3, starts_at=noon(1), ends_at=noon(2), reason="?", created_by=StaffFactory(), created_at=noon(2)
        )
