"""Old results keep what they paid, or are brought to the rules in force by compensating entries."""

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.errors import OwnXP
from gamification.awards.adjustments import adjust_xp, reverse
from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
from jobs.models import Job
from jobs.running import run_next_portion
from jobs.services import cancel_job, continue_job
from tests.factories import StaffFactory, UserFactory
from tracking.errors import RecalculationRefused
from tracking.models import Recalculation
from tracking.staff.recalculation import jobs
from tracking.staff.recalculation.services import recalculate_or_request, undo_or_request
from tracking.staff.rule_trials.trials import start_trial

from .playing import NOW, ago, draft_of, in_force, play, run_all, total_of, try_out

DAY = timedelta(days=1)
WHY = {"reason": "New rules", "note": "Agreed on Friday."}


def in_force_now():
    return XPRuleSet.objects.published().get()


def recalculate(staff, days=None):
    trial = try_out(in_force_now(), staff, days)
    recalculation = recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())
    run_all()
    return Recalculation.objects.get(pk=recalculation.pk)


def undo(recalculation, staff):
    undo_or_request(recalculation, **WHY, actor=staff, at=timezone.now())
    run_all()


def entries_of(learner):
    return list(LedgerEntry.objects.filter(learner=learner, reference_type="recalculation").order_by("sequence"))


def books():
    """Every total that ledger entries make."""
    return {row.pk: (row.total_xp, row.verified_xp) for row in LearnerProfile.objects.all()}


def test_old_results_keep_their_rules_until_staff_recalculate(staff, learner):
    play(learner, ago(hours=1))
    in_force(formula={"base": 25})
    run_all()
    assert (total_of(learner), entries_of(learner)) == (10, [])


def test_one_entry_for_each_level_brings_old_results_to_the_new_rules(staff, learner):
    play(learner, NOW - 2 * DAY, score=300)
    play(learner, NOW - DAY, score=500)  # and a bonus of 10
    play(learner, NOW - DAY, level="cave")
    in_force(formula={"base": 25}, streak_bonus={"per_day": 6})
    recalculation = recalculate(staff, days=7)
    assert total_of(learner) == (25 + 3) + (25 + 5) + 25 + 12
    found = {entry.subject: entry for entry in entries_of(learner)}
    assert [(entry.metadata["source"], entry.delta) for entry in found.values()] == [
        ("level_completion", 30),
        ("level_completion", 15),
        ("streak_bonus", 2),
    ]
    maze = found[f"level:{learner.completions.first().level_id}"]
    keys = [str(pk) for pk in learner.completions.filter(level__level_id="maze").values_list("pk", flat=True)]
    assert maze.metadata == {
        "recalculation": recalculation.pk,
        "job": recalculation.job_id,
        "version": 2,
        "source": "level_completion",
        "items": dict.fromkeys(keys, 15),
    }
    assert (maze.rule_set_id, maze.reason, maze.effective_at) == (2, "recalculation", NOW - DAY)


def test_a_second_recalculation_writes_nothing(staff, learner):
    play(learner, NOW - DAY, score=300)
    in_force(formula={"base": 25})
    recalculate(staff)
    before = books(), LedgerEntry.objects.count()
    trial = try_out(in_force_now(), staff, days=7)
    assert (trial.figures["changed"], trial.figures["now_xp"]) == (0, 28)
    with pytest.raises(RecalculationRefused, match="Nothing would change"):
        recalculate_or_request(trial, **WHY, actor=staff, at=NOW)
    assert (books(), LedgerEntry.objects.count()) == before


def test_a_second_click_starts_nothing(staff, learner):
    play(learner, ago(hours=1))
    in_force(formula={"base": 25})
    first = recalculate(staff)
    assert recalculate_or_request(first.trial, **WHY, actor=staff, at=NOW) == first
    undo(first, staff)
    undo(first, staff)
    assert (total_of(learner), Job.objects.filter(kind="undo_recalculation").count()) == (10, 1)


def test_undoing_brings_every_total_back(staff):
    learners = [UserFactory() for _ in range(3)]
    for number, learner in enumerate(learners):
        play(learner, NOW - 2 * DAY, score=100 * number)
        play(learner, NOW - DAY, level="cave", score=1000)
    before = books()
    in_force(formula={"base": 2, "points_per_xp": 50})
    recalculation = recalculate(staff)
    assert books() != before
    undo(recalculation, staff)
    assert books() == before
    again = recalculate(staff)
    assert [total_of(learner) for learner in learners] == [2 + 2 * number + 22 + 10 for number in range(3)]
    assert again.pk != recalculation.pk


def test_rules_of_two_versions_follow_each_other(staff, learner):
    play(learner, NOW - 20 * DAY)
    play(learner, NOW - DAY)
    in_force(formula={"base": 25})
    recalculate(staff)
    assert total_of(learner) == 50
    in_force(3, formula={"base": 40})
    recalculate(staff, days=7)
    assert total_of(learner) == 25 + 40
    recalculate(staff)
    assert total_of(learner) == 80


def test_repeats_after_a_recalculation_pay_only_what_is_left(staff, learner):
    """Repeat policies sum what the level has paid, also by recalculations."""
    play(learner, NOW - DAY, level="cave", score=500)  # 15
    in_force(formula={"base": 25})
    recalculate(staff)  # 30
    play(learner, NOW, level="cave", score=700)
    assert total_of(learner) == 32 + 10  # with the bonus of the second day


def test_what_was_played_after_the_publication_is_not_paid_twice(staff, learner):
    """The second result was paid by the new rules, less the 15 XP that the first one had paid by the old ones."""
    play(learner, NOW - DAY, level="cave", score=500)
    in_force(formula={"base": 25}, at=ago(hours=2))
    play(learner, ago(hours=1), level="cave", score=700)
    recalculate(staff)
    assert total_of(learner) == 32 + 10  # with the bonus of the second day


def test_what_staff_took_back_stays_taken_back(staff, learner):
    play(learner, ago(hours=1))
    reverse(LedgerEntry.objects.get(), actor=staff, note="", at=NOW)
    in_force(formula={"base": 25})
    trial = try_out(in_force_now(), staff)
    assert trial.figures["changed"] == 0


def test_nothing_is_taken_that_the_learner_has_no_more(staff, learner):
    play(learner, ago(hours=1), score=1000)
    adjust_xp(learner_id=learner.pk, amount=-18, reason="Test", actor=staff, at=NOW)
    in_force(formula={"base": 0, "points_per_xp": 100})
    recalculation = recalculate(staff)
    assert total_of(learner) == 0
    undo(recalculation, staff)
    assert total_of(learner) == 2


def test_the_xp_of_who_recalculates_is_left_out(staff, learner):
    for each in (staff, learner):
        play(each, ago(hours=1))
    in_force(formula={"base": 25})
    recalculation = recalculate(staff)
    assert (total_of(staff), total_of(learner)) == (10, 25)
    colleague = StaffFactory()
    other = recalculate(colleague, days=7)
    assert (other.trial.figures["moved"], total_of(staff)) == (1, 25)
    with pytest.raises(OwnXP):
        undo_or_request(other, **WHY, actor=staff, at=NOW)
    undo_or_request(recalculation, **WHY, actor=staff, at=NOW)


def test_it_stops_where_other_rules_come_into_force(staff, learner, monkeypatch):
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.LEARNERS", 1)
    other = UserFactory()
    for each in (learner, other):
        play(each, ago(hours=1))
    in_force(formula={"base": 25})
    trial = try_out(in_force_now(), staff)
    recalculation = recalculate_or_request(trial, **WHY, actor=staff, at=NOW)
    run_next_portion()
    in_force(3)
    run_all()
    job = Job.objects.get(pk=recalculation.job_id)
    assert (job.state, job.error) == ("failed", "Version 2 is not in force any more, so it goes no further.")
    assert (total_of(learner), total_of(other)) == (25, 10)
    undo(Recalculation.objects.get(), staff)
    assert (total_of(learner), total_of(other)) == (10, 10)
    continue_job(job.pk)
    run_all()
    assert Job.objects.get(pk=job.pk).error == "It has been undone."


def test_what_is_not_prepared_or_outdated_is_refused(staff, learner):
    play(learner, ago(hours=1))
    tried = try_out(draft_of(formula={"base": 25}), staff)
    in_force(3, formula={"base": 25})
    unfinished = start_trial(in_force_now(), days=7, actor=staff, at=NOW)
    for trial in (tried, unfinished):
        with pytest.raises(RecalculationRefused, match="prepared"):
            recalculate_or_request(trial, **WHY, actor=staff, at=NOW)
    trial = try_out(in_force_now(), staff)
    in_force(4)
    with pytest.raises(RecalculationRefused, match="Other rules are in force"):
        recalculate_or_request(trial, **WHY, actor=staff, at=NOW)


def test_a_portion_that_was_rolled_back_is_repeated(staff, monkeypatch):
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.LEARNERS", 1)
    learners = [UserFactory() for _ in range(4)]
    for learner in learners:
        play(learner, ago(hours=1))
    in_force(formula={"base": 25})
    trial = try_out(in_force_now(), staff)
    recalculation = recalculate_or_request(trial, **WHY, actor=staff, at=NOW)
    write, calls = jobs._write, []

    def fail_once(*args):
        write(*args)
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError("killed")

    monkeypatch.setattr(jobs, "_write", fail_once)
    run_all()
    job = Job.objects.get(pk=recalculation.job_id)
    assert (job.state, job.done) == ("failed", 1)
    continue_job(job.pk)
    run_all()
    assert [total_of(learner) for learner in learners] == [25] * 4
    assert LedgerEntry.objects.filter(reason="recalculation").count() == 4


def test_undoing_waits_until_the_recalculation_has_ended(staff, learner):
    play(learner, ago(hours=1))
    in_force(formula={"base": 25})
    trial = try_out(in_force_now(), staff)
    recalculation = recalculate_or_request(trial, **WHY, actor=staff, at=NOW)
    with pytest.raises(RecalculationRefused, match="not finished"):
        undo_or_request(recalculation, **WHY, actor=staff, at=NOW)
    cancel_job(recalculation.job_id, at=NOW)
    undo(recalculation, staff)
    assert total_of(learner) == 10
