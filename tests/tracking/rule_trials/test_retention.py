"""Old trials are deleted with what they found of learners, unless something still needs them."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from approvals.models import ApprovalRequest
from gamification.models import XPRuleSet
from jobs.models import Job
from tracking.models import RuleTrial, TriedLearner, TriedPart
from tracking.staff.recalculation.services import recalculate_or_request
from tracking.staff.rule_trials.retention import KEPT_FOR
from tracking.staff.rule_trials.trials import start_trial

from .playing import NOW, draft_of, in_force, play, try_out

WHY = {"reason": "New rules", "note": "As announced"}


def purge_after(time_machine, span, capsys):
    time_machine.move_to(timezone.now() + span, tick=False)
    call_command("purge_idempotency_keys")
    return capsys.readouterr().out.splitlines()[-1]


def test_a_trial_is_deleted_with_its_rows_after_90_days(staff, learner, time_machine, capsys):
    play(learner, NOW - timedelta(days=1))
    try_out(draft_of(formula={"base": 20}), staff)
    assert purge_after(time_machine, KEPT_FOR, capsys) == "0 trials of rules deleted."
    assert purge_after(time_machine, timedelta(seconds=1), capsys) == "1 trials of rules deleted."
    assert [model.objects.count() for model in (RuleTrial, TriedLearner, TriedPart)] == [0, 0, 0]


def test_a_younger_trial_stays_whole(staff, learner, time_machine, capsys):
    play(learner, NOW - timedelta(days=1))
    draft = draft_of(formula={"base": 20})
    try_out(draft, staff)
    time_machine.move_to(timezone.now() + KEPT_FOR, tick=False)
    young = try_out(draft, staff)
    assert purge_after(time_machine, timedelta(seconds=1), capsys) == "1 trials of rules deleted."
    assert list(RuleTrial.objects.values_list("pk", flat=True)) == [young.pk]
    assert set(TriedLearner.objects.values_list("trial", flat=True)) == {young.pk}


def test_a_trial_that_is_not_finished_stays(staff, learner, time_machine, capsys):
    play(learner, NOW - timedelta(days=1))
    start_trial(draft_of(), days=None, actor=staff, at=NOW)
    assert Job.objects.unfinished().count() == 1
    assert purge_after(time_machine, 2 * KEPT_FOR, capsys) == "0 trials of rules deleted."


@pytest.mark.parametrize("needs_approval", [False, True])
def test_a_trial_that_was_recalculated_or_is_to_be_stays(
    staff, learner, time_machine, capsys, settings, needs_approval
):
    settings.XP_APPROVAL_ABOVE = 1 if needs_approval else 1_000
    play(learner, NOW - timedelta(days=1))
    in_force(formula={"base": 20})
    trial = try_out(XPRuleSet.objects.published().get(), staff)
    recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())
    assert ApprovalRequest.objects.count() == needs_approval
    assert purge_after(time_machine, 2 * KEPT_FOR, capsys) == "0 trials of rules deleted."
    assert TriedLearner.objects.filter(trial=trial).count() == 1
