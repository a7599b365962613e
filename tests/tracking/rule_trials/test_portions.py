"""Trials and recalculations work in portions: few statements however many learners, and nothing is lost in between."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import XPRuleSet
from jobs.models import Job
from jobs.running import run_next_portion
from jobs.services import cancel_job, continue_job
from tests.factories import UserFactory
from tracking.models import Recalculation, RuleTrial
from tracking.staff.recalculation.services import recalculate_or_request, undo_or_request
from tracking.staff.rule_trials.trials import start_trial

from .playing import NOW, ago, differences, draft_of, in_force, play, run_all, total_of, try_out

WHY = {"reason": "New rules", "note": "Agreed on Friday."}


def learners(number):
    people = [UserFactory() for _ in range(number)]
    for person in people:
        for level in ("maze", "cave"):
            play(person, ago(hours=1), level=level)
    return people


def statements():
    """Of the next portion."""
    with CaptureQueriesContext(connection) as queries:
        run_next_portion()
    return len(queries)


def of_all_portions():
    counts = []
    while Job.objects.unfinished().exists():
        counts.append(statements())
    return counts


def counts_with(number, staff, version):
    """Of each portion of a trial, of a recalculation, and of undoing it."""
    people = learners(number)
    before = [total_of(person) for person in people]
    start_trial(draft_of(version, formula={"base": 25}, daily_xp_cap=1000), days=30, actor=staff, at=NOW)
    of_trial = of_all_portions()
    rules = in_force(version + 1, formula={"base": 25 + version})
    trial = try_out(rules, staff)
    recalculation = recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())
    of_recalculation = of_all_portions()
    recalculation.refresh_from_db()
    undo_or_request(recalculation, **WHY, actor=staff, at=timezone.now())
    of_undoing = of_all_portions()
    assert [total_of(person) for person in people] == before
    return of_trial, of_recalculation, of_undoing


def test_a_portion_has_as_many_statements_with_few_learners_as_with_many(staff):
    few = counts_with(2, staff, 2)
    many = counts_with(8, staff, 4)
    # The first portion looks for the beginning of the period by bisection.
    assert [counts[1:] for counts in few] == [counts[1:] for counts in many]
    assert few[1:] == many[1:]
    assert max(max(counts) for counts in few) <= 40


def test_a_trial_that_is_stopped_between_portions_goes_on_where_it_stopped(staff, monkeypatch):
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.LEARNERS", 1)
    monkeypatch.setattr("tracking.staff.rule_trials.collecting.PORTION", 2)
    learners(3)
    draft = draft_of(formula={"base": 25})
    whole = try_out(draft, staff)
    stopped = start_trial(draft, days=None, actor=staff, at=NOW)
    while Job.objects.unfinished().exists():
        run_next_portion()
        if cancel_job(stopped.job_id, at=NOW):
            continue_job(stopped.job_id)
    stopped = RuleTrial.objects.get(pk=stopped.pk)
    assert stopped.figures == whole.figures
    assert differences(stopped) == differences(whole)
    parts = [
        trial.parts.order_by("source", "level").values("source", "results", "tried_xp") for trial in (whole, stopped)
    ]
    assert list(parts[0]) == list(parts[1])


def test_a_recalculation_that_is_stopped_halfway_goes_on_or_is_undone(staff, monkeypatch):
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.LEARNERS", 1)
    people = learners(4)
    rules = in_force(2, formula={"base": 25})
    recalculation = recalculate_or_request(try_out(rules, staff), **WHY, actor=staff, at=timezone.now())
    for _ in range(2):
        run_next_portion()
    cancel_job(recalculation.job_id, at=NOW)
    assert [total_of(person) for person in people] == [50, 50, 20, 20]
    continue_job(recalculation.job_id)
    run_all()
    assert [total_of(person) for person in people] == [50] * 4
    undo_or_request(Recalculation.objects.get(), **WHY, actor=staff, at=timezone.now())
    run_next_portion()
    run_next_portion()
    assert [total_of(person) for person in people] == [20, 20, 50, 50]
    run_all()
    assert [total_of(person) for person in people] == [20] * 4


@pytest.mark.parametrize("results", [1, 40])
def test_a_learner_with_many_results_is_a_portion_of_their_own(staff, monkeypatch, results):
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.RESULTS", 5)
    first, second = learners(2)
    for number in range(results):
        play(first, ago(minutes=59), score=number)
    trial = try_out(draft_of(formula={"base": 25}), staff)
    assert differences(trial)[second.pk] == (20, 50)
    assert XPRuleSet.objects.published().get().version == trial.in_force
    assert trial.figures["results"] == 4 + results
