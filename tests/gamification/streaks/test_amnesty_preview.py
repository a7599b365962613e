"""What an amnesty would do is shown before it is granted, and then it does that or says what has changed."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from gamification.awards.activity import check_in
from gamification.models import Achievement, ActivityDay, Amnesty, AmnestyPreview, LedgerEntry, PreviewedLearner
from gamification.staff.amnesties import AmnestyChanged, applying, confirm_preview, previewing, start_preview
from jobs.models import Job
from tests.factories import StaffFactory, UserFactory

from .day_patterns import noon, pattern_of, profile_of
from .undoing import books_of, undo

pytestmark = pytest.mark.django_db


def check_in_on(learner, *numbers):
    for number in numbers:
        check_in(learner.pk, at=noon(number))


def preview(first, last, *, on):
    """Of an amnesty for these days, at noon of day `on`."""
    span = {"starts_at": noon(first).replace(hour=10), "ends_at": noon(last).replace(hour=14)}
    return start_preview(**span, reason="An outage", actor=StaffFactory(), at=noon(on))


def confirm(shown, *, on):
    return confirm_preview(shown.pk, actor=shown.created_by, at=noon(on))


def shown_of(learner):
    row = PreviewedLearner.objects.get(learner=learner)
    return row.days, row.streak_before, row.streak_after, row.returned, row.xp


@pytest.fixture
def four_days(db):
    condition = {"type": "consecutive_days", "days": 4}
    return Achievement.objects.create(achievement_id="four", name="Four", xp_reward=20, condition=condition)


def test_it_shows_each_learner_whose_days_would_change(learner, four_days):
    saved, frozen, present, gone = UserFactory.create_batch(4)
    check_in_on(gone, 1)
    check_in_on(learner, 20, 21, 28, 29)
    check_in_on(saved, 22, 23)
    check_in_on(frozen, 21, 23, 28, 29)
    check_in_on(present, *range(22, 30))
    figures = preview(22, 27, on=29).figures
    span = [f"2026-03-{number}" for number in range(22, 28)]
    assert shown_of(learner) == (span, 2, 4, [], 20)
    assert shown_of(saved) == (span[2:], 0, 2, [], 0)
    assert shown_of(frozen) == ([span[0], *span[2:]], 2, 4, [span[0]], 20)
    assert figures == {
        "dates": {span[0]: 2, span[1]: 1, **dict.fromkeys(span[2:], 3)},
        "concerned": 4,
        "learners": 3,
        "saved": 1,
        "longer": 2,
        "freezes": 1,
        "xp": 40,
        "earners": 2,
    }


def test_a_preview_changes_nothing(learner, four_days):
    check_in_on(learner, 20, 21, 28, 29)
    before = books_of(learner)
    preview(22, 27, on=29)
    assert (books_of(learner), Amnesty.objects.count(), LedgerEntry.objects.count()) == (before, 0, 0)


def test_confirming_it_does_what_was_shown(learner, four_days):
    check_in_on(learner, 20, 21, 28, 29)
    shown = preview(22, 27, on=29)
    amnesty, is_new = confirm(shown, on=30)
    assert (is_new, amnesty.reason, amnesty.created_at) == (True, "An outage", noon(30))
    assert (profile_of(learner).streak_run, profile_of(learner).total_xp) == (4, 20)
    assert amnesty.effects.get().outcome == PreviewedLearner.objects.get().outcome


def test_confirming_it_twice_grants_it_once(learner):
    check_in_on(learner, 1)
    shown = preview(2, 3, on=3)
    assert [confirm(shown, on=3)[1] for _ in range(2)] == [True, False]
    assert Amnesty.objects.count() == 1


def another_day(learner):
    check_in_on(learner, 3)


def another_learner(_learner):
    check_in_on(UserFactory(), 1)


@pytest.mark.parametrize("act", [another_day, another_learner])
def test_it_is_refused_when_it_would_do_something_else_now(learner, act):
    check_in_on(learner, 1)
    shown = preview(2, 3, on=3)
    act(learner)
    before = books_of(learner)
    with pytest.raises(AmnestyChanged, match=r"For \d learners? it would come to something else"):
        confirm(shown, on=3)
    assert (books_of(learner), Amnesty.objects.count()) == (before, 0)


def test_it_is_refused_when_another_amnesty_was_granted_or_undone_since(learner, grant, time_machine):
    check_in_on(learner, 1)
    shown = preview(2, 3, on=3)
    amnesty = grant(2, 2, on=3)
    later = preview(3, 3, on=3)
    with pytest.raises(AmnestyChanged, match="Another amnesty"):
        confirm(shown, on=3)
    assert undo(amnesty, time_machine, at=noon(4))
    with pytest.raises(AmnestyChanged, match="Another amnesty"):
        confirm(later, on=4)


def test_amnesties_that_learners_lack_are_part_of_what_is_now(learner, grant):
    check_in_on(learner, 1)
    grant(8, 9, on=9)  # too late for the streak
    check_in_on(learner, 10)
    preview(9, 11, on=11)
    assert shown_of(learner)[0] == ["2026-03-11"]


def test_a_preview_is_deleted_after_90_days(learner, time_machine, capsys):
    check_in_on(learner, 1)
    preview(2, 3, on=3)
    for moment, left in ((noon(93), 1), (noon(94), 0)):
        time_machine.move_to(moment, tick=False)
        call_command("purge_idempotency_keys")
        assert f"{1 - left} previews of amnesties deleted." in capsys.readouterr().out
        assert (AmnestyPreview.objects.count(), PreviewedLearner.objects.count()) == (left, left)


def test_a_span_that_is_too_long_has_no_preview(db):
    with pytest.raises(ValidationError, match="31 days"):
        preview(1, 40, on=40)


@pytest.fixture
def many(monkeypatch):
    """Five learners with a streak, in portions of two."""
    monkeypatch.setattr(previewing, "PORTION", 2)
    monkeypatch.setattr(applying, "BATCH", 2)
    people = UserFactory.create_batch(5)
    for person in people:
        check_in_on(person, 1)
    return people


def test_a_job_looks_at_many_learners(many, time_machine):
    shown = preview(2, 3, on=3)
    assert (shown.is_finished, shown.learners.count()) == (False, 2)
    with pytest.raises(AmnestyChanged, match="not finished"):
        confirm(shown, on=3)
    time_machine.move_to(noon(3), tick=False)
    call_command("run_jobs", once=True)
    shown.refresh_from_db()
    assert (shown.figures["learners"], shown.job.state, shown.job.percent) == (5, "done", 100)
    assert set(shown.learners.values_list("learner", flat=True)) == {person.pk for person in many}


def test_a_job_applies_it_to_many_and_counts_what_differs(many, time_machine):
    shown = preview(2, 3, on=3)
    time_machine.move_to(noon(3), tick=False)
    call_command("run_jobs", once=True)
    check_in_on(many[3], 3)
    confirm(AmnestyPreview.objects.get(), on=3)
    assert not ActivityDay.objects.filter(kind="pardoned").exclude(learner=many[3]).exists()
    call_command("run_jobs", once=True)
    assert [pattern_of(person) for person in many] == ["APP", "APP", "APP", "APA", "APP"]
    job = Job.objects.get(kind="apply_amnesties")
    assert (job.params, job.done, job.cursor["differing"]) == ({"preview": shown.pk}, 5, 1)
