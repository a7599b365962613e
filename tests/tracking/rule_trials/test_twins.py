"""Random histories: recalculated by other rules, everything has paid what it would have paid by them from the start."""

import pytest
from django.db import transaction
from django.db.models import Sum

from gamification.models import LedgerEntry, XPRuleSet
from jobs.models import Job
from tests.tracking.merging.histories import START, STEPS, Histories, catalogue
from tracking.models import TriedLearner
from tracking.staff.recalculation.services import recalculate_or_request, undo_or_request

from .playing import draft_of, in_force, run_all, try_out

OTHER = {
    "formula": {"base": 17, "points_per_xp": 60, "speed_bonus": 1},
    "multipliers": {"normal": "1.3"},
    "streak_bonus": {"per_day": 3, "at_most": 12},
    "daily_xp_cap": 90,
    "reviews": {"xp_per_answer": 3, "xp_per_day": 7},
}
# Without what staff take back: it would have made other repeats pay.
CHOICES = [*(step for step in STEPS if step not in ("reverse", "resend")), "practise", "practise"]
PRICED = ["completion", "streak_bonus", "review", "recalculation"]
WHY = {"reason": "New rules", "note": "Agreed on Friday."}


@pytest.fixture(autouse=True)
def _catalogue():
    catalogue()


def played(seed):
    histories = Histories(seed, steps=40, choices=CHOICES)
    histories.play()
    return histories


def paid(histories):
    """What rules price, of each of the three."""
    of_three = [histories.guest, histories.account, histories.twin]
    lines = LedgerEntry.objects.filter(reference_type__in=PRICED)
    return [lines.filter(learner=each).aggregate(xp=Sum("delta", default=0))["xp"] for each in of_three]


def by_other_rules_from_the_start(seed):
    with transaction.atomic():
        in_force(9, at=START, **OTHER)
        expected = paid(played(seed))
        transaction.set_rollback(True)
    return expected


@pytest.mark.parametrize("seed", range(3))
def test_a_recalculation_pays_what_the_rules_would_have_paid_from_the_start(seed, staff):
    expected = by_other_rules_from_the_start(seed)
    histories = played(seed)
    before = paid(histories)
    rules = in_force(2, **OTHER)
    recalculation = recalculate_or_request(try_out(rules, staff), **WHY, actor=staff, at=histories.at)
    run_all()
    assert paid(histories) == expected
    recalculation.refresh_from_db()
    undo_or_request(recalculation, **WHY, actor=staff, at=histories.at)
    run_all()
    assert paid(histories) == before
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_the_same_rules_make_no_difference_to_anybody(staff):
    played(7)
    trial = try_out(draft_of(2), staff)
    rows = TriedLearner.objects.filter(trial=trial)
    assert {(row.difference, row.changed, row.level_tried - row.level_now) for row in rows} == {(0, 0, 0)}
    assert (trial.figures["results"] > 0, trial.figures["now_xp"]) == (True, trial.figures["tried_xp"])
    in_force_again = try_out(XPRuleSet.objects.published().get(), staff, days=90)
    assert in_force_again.figures["changed"] == 0
