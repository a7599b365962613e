"""Many entries of a learner are reversed at once: which, in which order, and in portions that survive a crash."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from gamification.awards import adjustments
from gamification.models import LearnerProfile, LedgerEntry, Unlock
from gamification.staff import bulk_reversal_jobs
from gamification.staff.bulk_reversal_jobs import outcome, start_bulk_reversal, unfinished_reversal_of
from gamification.staff.bulk_reversals import Criteria, plan_bulk_reversal
from jobs.models import Job
from jobs.running import run_next_portion
from tests.factories import LevelFactory, StaffFactory
from tests.gamification.earnables.factories import metric
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

from .reversals import NOON, achievement, give, total_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def later(minutes):
    return NOON + timedelta(minutes=minutes)


def play(learner, *minutes, level="maze"):
    """One completion in each of these minutes, each worth 10 XP; the first of a day pays a bonus of 5 besides."""
    for minute in minutes:
        complete_level(learner=learner, claim=Claim(level, 0, 60), source="api", at=later(minute))


def play_much(learner, number):
    """As many completions, ten of each level: repeating one more often on a day pays nothing."""
    for first in range(0, number, 10):
        play(learner, *range(first, first + 10), level=LevelFactory(repeat_policy="full").level_id)


@pytest.fixture(autouse=True)
def _levels():
    LevelFactory(level_id="maze", repeat_policy="full")
    LevelFactory(level_id="cave", repeat_policy="full")


def planned(learner, **criteria):
    return plan_bulk_reversal(Criteria(learner.pk, **{"until": later(60), **criteria}))


def start(learner, **criteria):
    plan = planned(learner, **criteria)
    return start_bulk_reversal(plan, learner_id=learner.pk, note="Not theirs\nSeen.", actor=StaffFactory(), at=NOON)


def run_all():
    call_command("run_jobs", once=True)


def deltas(learner):
    return list(LedgerEntry.objects.filter(learner=learner).order_by("sequence").values_list("delta", flat=True))


def reasons(plan):
    return [line.reason for line in plan.lines]


def test_everything_since_a_moment_is_reversed_newest_first(learner):
    play(learner, 0, 1, 2)
    before = deltas(learner)
    plan = planned(learner, since=later(1))
    assert (plan.xp, plan.before.total_xp, plan.after.total_xp) == (20, sum(before), sum(before) - 20)
    job = start(learner, since=later(1))
    run_all()
    assert deltas(learner) == [*before, -10, -10]
    written = LedgerEntry.objects.filter(reason="reversal").order_by("sequence")
    assert [entry.reversal_of.created_at for entry in written] == [later(2), later(1)]
    assert {(entry.note, entry.actor_id) for entry in written} == {("Not theirs\nSeen.", job.created_by_id)}
    assert outcome(Job.objects.get()) == "2 entries reversed: -20 XP."


def test_what_was_written_after_the_plan_stays(learner):
    play(learner, 0, 30)
    start(learner, until=later(10))
    run_all()
    assert total_of(learner) == 10


def test_achievements_and_bonuses_that_a_result_paid_fall_with_it(learner):
    achievement("first", metric("completions", 1), xp_reward=50)
    achievement("second", metric("completions", 2), xp_reward=0)
    play(learner, 0, level="cave")
    play(learner, 1)
    plan = planned(learner, subject=LedgerEntry.objects.filter(reason="level_completion").first().subject)
    assert sorted(reasons(plan)) == sorted(LedgerEntry.objects.filter(created_at=NOON).values_list("reason", flat=True))
    assert ([one.pk for one in plan.achievements], plan.unlocks) == (
        list(Unlock.objects.filter(xp_reward=50).values_list("achievement", flat=True)),
        [],
    )
    start(learner)
    run_all()
    assert total_of(learner) == 0
    assert not Unlock.objects.held().exists()
    assert LearnerProfile.objects.get(pk=learner.pk).achievements_unlocked == 0


def test_the_source_of_a_result_narrows_what_is_reversed(learner):
    play(learner, 0, 1)
    second = LedgerEntry.objects.get(created_at=later(1))
    references = {(second.reference_type, second.reference_id)}
    assert [line.sequence for line in planned(learner, references=references).lines] == [second.sequence]


def test_trust_narrows_what_is_reversed(learner):
    play(learner, 0)
    assert planned(learner, trust="verified").lines == []
    assert len(planned(learner, trust="reported").lines) == LedgerEntry.objects.count()


def test_what_staff_adjusted_stays_unless_it_is_chosen(learner):
    play(learner, 0)
    give(learner, 100, at=later(1))
    assert "manual_adjustment" not in reasons(planned(learner))
    assert "manual_adjustment" in reasons(planned(learner, adjustments=True))
    assert "manual_adjustment" not in reasons(planned(learner, adjustments=True, subject="level:1"))


def test_reversals_and_reversed_entries_are_left_alone(learner):
    play(learner, 0, 1)
    entry = LedgerEntry.objects.get(created_at=later(1))
    adjustments.reverse(entry, actor=StaffFactory(), note="", at=later(2))
    assert entry.sequence not in [line.sequence for line in planned(learner).lines]
    assert "reversal" not in reasons(planned(learner))


def test_an_entry_reversed_by_somebody_else_meanwhile_is_not_reversed_twice(learner):
    play(learner, 0, 1)
    job = start(learner)
    adjustments.reverse(LedgerEntry.objects.get(created_at=later(1)), actor=StaffFactory(), note="", at=later(2))
    run_all()
    job.refresh_from_db()
    assert (total_of(learner), job.state) == (0, "done")
    assert outcome(job).endswith("1 reversed by others before.")


def test_the_balance_never_falls_below_zero(learner):
    """Staff have taken 15 of 25 XP already, so only one of the completions can be taken back."""
    play(learner, 0, 1)
    total = total_of(learner)
    give(learner, 10 - total, at=later(2))
    plan = planned(learner)
    assert ([line.delta for line in plan.lines], plan.after.total_xp) == ([10], 0)
    assert sum(line.delta for line in plan.kept) == total - 10
    job = start(learner)
    run_all()
    job.refresh_from_db()
    assert (job.state, total_of(learner)) == ("done", 0)


def test_what_gives_xp_back_is_reversed_first(learner):
    """Newest first alone would take 25 XP from a total of 0 before it gives anything back."""
    play(learner, 0, 1)
    total = total_of(learner)
    give(learner, -total, at=later(2))
    play(learner, 3)
    give(learner, -10, at=later(4))
    plan = planned(learner, adjustments=True)
    assert [line.delta > 0 for line in plan.lines] == sorted(line.delta > 0 for line in plan.lines)
    start(learner, adjustments=True)
    run_all()
    assert (total_of(learner), LedgerEntry.objects.filter(reversed_by=None, reversal_of=None).count()) == (0, 0)


def test_xp_that_is_given_back_on_the_way_unlocks_nothing(learner):
    achievement("rich", {"type": "xp", "threshold": 100})
    give(learner, 90)
    give(learner, -90)
    play(learner, 1, 2)
    start(learner, adjustments=True)
    run_all()
    assert not Unlock.objects.exists()


def test_a_balance_that_fell_meanwhile_stops_nothing(learner):
    play(learner, 0, 1)
    job = start(learner)
    give(learner, -(total_of(learner) - 4), at=later(2))
    run_all()
    job.refresh_from_db()
    assert (job.state, total_of(learner)) == ("done", 4)
    assert "not reversed, since the learner had less XP than that." in outcome(job)


def test_a_process_that_dies_in_a_portion_reverses_nothing_twice(learner, monkeypatch):
    """The end of the process comes after the reversals were written, before the progress is saved."""
    monkeypatch.setattr(bulk_reversal_jobs, "PORTION", 10)
    play_much(learner, 50)
    before = LedgerEntry.objects.count()
    job = start(learner)
    run_next_portion()
    with monkeypatch.context() as dying:
        dying.setattr(Job, "save", lambda *_args, **_more: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            run_next_portion()
    assert (LedgerEntry.objects.filter(reason="reversal").count(), Job.objects.get().done) == (10, 10)
    run_all()
    job.refresh_from_db()
    assert (job.state, job.done, total_of(learner)) == ("done", before, 0)
    assert LedgerEntry.objects.filter(reason="reversal").count() == before
    assert job.cursor["xp"] == -sum(delta for delta in deltas(learner) if delta > 0)


def test_the_statements_of_a_portion_do_not_depend_on_its_size(learner, monkeypatch, django_assert_max_num_queries):
    play_much(learner, 30)
    monkeypatch.setattr(bulk_reversal_jobs, "PORTION", 3)
    start(learner)
    with django_assert_max_num_queries(14):
        run_next_portion()
    monkeypatch.setattr(bulk_reversal_jobs, "PORTION", 25)
    with django_assert_max_num_queries(14):
        run_next_portion()


def test_an_erased_learner_ends_the_job(learner):
    play(learner, 0)
    job = start(learner)
    assert unfinished_reversal_of(learner.pk) == job
    LearnerProfile.objects.filter(pk=learner.pk).update(erased_at=NOON)
    run_all()
    job.refresh_from_db()
    assert (job.state, unfinished_reversal_of(learner.pk)) == ("failed", None)
    assert total_of(learner) > 0
