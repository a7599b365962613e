"""An amnesty is undone as long as no learner depends on it: then everything is as if it had never been granted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gamification.awards.activity import check_in, protect_today
from gamification.models import Achievement, Amnesty, AppliedAmnesty
from gamification.staff.amnesties import AmnestyStands, refusal_to_undo, restoring, undo_amnesty, undoing, users_of
from jobs.models import Job
from jobs.running import run_next_portion
from tests.factories import StaffFactory, UserFactory

from .day_patterns import freezes_of, noon, pattern_of, profile_of
from .undoing import books_of, outcome_of_job, undo

pytestmark = pytest.mark.django_db


def check_in_on(learner, *numbers):
    for number in numbers:
        check_in(learner.pk, at=noon(number))


@pytest.mark.parametrize(
    ("active", "span", "granted", "given"),
    [
        ([1, 2], (3, 8), 8, "AAPPPPPP"),
        ([1, 2, 5], (3, 4), 6, "AAPPA"),
        ([1, 2, 8, 9], (3, 7), 9, "AAPPPPPAA"),
        ([1, 3, 4, 5, 6, 7, 8], (2, 2), 9, "APAAAAAA"),
        ([1], (4, 5), 1, "A..PP"),
    ],
    ids=["missed", "frozen", "closes a gap", "no room for the freeze", "in the future"],
)
def test_everything_is_as_before(learner, grant, time_machine, active, span, granted, given):
    check_in_on(learner, *active)
    before = books_of(learner)
    amnesty = grant(*span, on=granted)
    assert pattern_of(learner) == given
    assert undo(amnesty, time_machine, at=noon(granted + 1))
    assert books_of(learner) == before
    assert not AppliedAmnesty.objects.exists()


def test_learners_who_had_not_got_it_yet_do_not_get_it(learner, grant, time_machine):
    check_in_on(learner, 1, 2)
    amnesty = grant(20, 21)
    assert undo(amnesty, time_machine, at=noon(22))
    check_in_on(learner, 23)
    assert (pattern_of(learner).strip("."), profile_of(learner).amnesties_applied) == (f"AA{'.' * 20}A", 1)


def test_an_amnesty_in_the_future_is_undone_although_learners_were_active(learner, grant, time_machine):
    check_in_on(learner, 1)
    amnesty = grant(5, 5, on=1)
    check_in_on(learner, 2, 3)
    assert undo(amnesty, time_machine, at=noon(4))
    assert (pattern_of(learner), profile_of(learner).streak_run) == ("AAA", 3)


def continue_streak(learner):
    check_in_on(learner, 5)


def protect(learner):
    protect_today(learner.pk, at=noon(5))


def report_late(learner):
    check_in(learner.pk, at=noon(4))


@pytest.mark.parametrize("act", [continue_streak, protect, report_late])
def test_it_stands_when_a_learner_has_acted_behind_the_pardoned_days(learner, grant, time_machine, act):
    check_in_on(learner, 1, 2)
    amnesty = grant(3, 4)
    act(learner)
    before = books_of(learner)
    assert [effect.learner for effect in users_of(amnesty, noon(5))] == [learner]
    assert not undo(amnesty, time_machine, at=noon(6))
    assert (outcome_of_job(), books_of(learner)) == (("done", 1), before)


def test_it_stands_when_it_has_unlocked_something(learner, grant, time_machine):
    Achievement.objects.create(
        achievement_id="four",
        name="Four days",
        category="streaks",
        xp_reward=20,
        condition={"type": "consecutive_days", "days": 4},
    )
    check_in_on(learner, 1, 2, 8, 9)
    assert not undo(grant(3, 7, on=10), time_machine, at=noon(10) + timedelta(hours=5))
    assert profile_of(learner).total_xp == 20


def test_it_stands_when_anything_was_recorded_with_a_freeze_that_came_back(learner, grant, time_machine, play):
    check_in_on(learner, 1, 2, 5, 6)
    amnesty = grant(3, 4, on=6)
    play(1, on=7)
    assert (freezes_of(learner), undo(amnesty, time_machine, at=noon(8))) == ("-3 -4 +3 +4", False)


def test_the_learners_on_whom_nothing_depends_wait_for_those_who_depend(learner, grant, time_machine):
    other = UserFactory()
    for person in (learner, other):
        check_in_on(person, 1, 2)
    amnesty = grant(3, 4)
    check_in_on(other, 5)
    assert not undo(amnesty, time_machine, at=noon(5))
    assert [pattern_of(person) for person in (learner, other)] == ["AAPP", "AAPPA"]
    assert list(AppliedAmnesty.objects.filter(is_used=True).values_list("learner", flat=True)) == [other.pk]


def test_later_amnesties_are_undone_first(learner, grant, time_machine):
    check_in_on(learner, 1)
    before = books_of(learner)
    first, second = grant(2, 3), grant(3, 4)
    assert refusal_to_undo(first) == "A later amnesty was granted. Undo that one first."
    with pytest.raises(AmnestyStands):
        undo_amnesty(first.pk, note="?", actor=StaffFactory(), at=noon(5))
    assert undo(second, time_machine, at=noon(5))
    assert pattern_of(learner) == "APP"
    assert undo(first, time_machine, at=noon(6))
    assert books_of(learner) == before


def test_an_amnesty_from_before_effects_were_kept_stands(grant):
    amnesty = grant(2, 3)
    Amnesty.objects.update(keeps_effects=False)
    amnesty.refresh_from_db()
    assert refusal_to_undo(amnesty).startswith("It was granted before")


def test_a_second_click_finds_the_job_of_the_first(grant):
    amnesty, staff = grant(2, 3), StaffFactory()
    first, second = (undo_amnesty(amnesty.pk, note="?", actor=staff, at=noon(4)) for _ in range(2))
    assert (first[0], first[1], second[1]) == (second[0], True, False)


def test_a_job_that_is_killed_goes_on_where_it_was(grant, time_machine, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 2)
    people = UserFactory.create_batch(5)
    for person in people:
        check_in_on(person, 1)
    before = [books_of(person) for person in people]
    amnesty = grant(2, 3)
    whole, batches = undoing.restore, []

    def dies_in_the_second(*words):
        batches.append(words)
        done = whole(*words)
        if len(batches) == 2:
            raise SystemExit
        return done

    monkeypatch.setattr(undoing, "restore", dies_in_the_second)
    with pytest.raises(SystemExit):
        undo(amnesty, time_machine, at=noon(4))
    assert AppliedAmnesty.objects.count() == 3
    while run_next_portion():
        pass
    assert [books_of(person) for person in people] == before
    job = Job.objects.get()
    assert (job.state, job.done, job.total, job.cursor["restored"]) == ("done", 10, 10, 5)


def test_who_comes_to_depend_on_it_while_it_is_undone_keeps_it(learner, grant, time_machine, monkeypatch):
    check_in_on(learner, 1)
    amnesty, whole = grant(2, 3), undoing.restore

    def after_a_check_in(*words):
        check_in_on(learner, 4)
        return whole(*words)

    monkeypatch.setattr(undoing, "restore", after_a_check_in)
    assert undo(amnesty, time_machine, at=noon(4))
    assert (pattern_of(learner), outcome_of_job()) == ("APPA", ("done", 1))
    words = undoing.outcome_of_undoing(Job.objects.get())
    assert words.endswith("1 learner came to depend on it meanwhile and kept it.")


def test_a_batch_costs_the_same_statements_for_one_and_for_three_learners(grant):
    first, *others = UserFactory.create_batch(4)
    for person in (first, *others):
        check_in_on(person, 1, 3)
    amnesty, costs = grant(2, 4), []
    for people in ([first], others):
        with CaptureQueriesContext(connection) as captured:
            restoring.restore(amnesty, [person.pk for person in people], noon(5))
        costs.append(len([query for query in captured if "SAVEPOINT" not in query["sql"]]))
    assert costs[0] == costs[1] <= 12
