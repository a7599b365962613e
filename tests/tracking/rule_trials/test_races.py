"""Recalculating while learners play and staff click: the proof is the run on PostgreSQL."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from gamification.ledger.audit import find_mismatches
from gamification.models import LedgerEntry, XPRuleSet
from gamification.rule_sets.publishing import publish_rule_set
from jobs.models import Job
from jobs.running import run_next_portion
from tests.factories import StaffFactory, UserFactory
from tests.threads import at_once
from tracking.models import Recalculation, RuleTrial
from tracking.staff.recalculation.services import recalculate_or_request
from tracking.staff.rule_trials.trials import start_trial

from .playing import draft_of, in_force, play, run_all, total_of, try_out

pytestmark = pytest.mark.django_db(transaction=True)
WHY = {"reason": "New rules", "note": "Agreed on Friday."}
PLAYS = 6


@pytest.fixture(autouse=True)
def _world(transactional_db, settings):
    from .playing import levels

    settings.TRUST_LIMITS, settings.XP_APPROVAL_ABOVE = False, 1_000_000
    XPRuleSet.objects.update(published_at=timezone.now() - timedelta(days=300))
    levels()


def ago(**more):
    return timezone.now() - timedelta(**more)


def portions():
    while Job.objects.unfinished().exists():
        run_next_portion()


def test_results_during_a_recalculation_are_paid_once(monkeypatch):
    """The improvement that a learner plays meanwhile pays only what the new rules leave."""
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.LEARNERS", 1)
    staff, people = StaffFactory(), [UserFactory() for _ in range(4)]
    for person in people:
        play(person, ago(hours=1), level="cave", score=500)  # 15; by the new rules 30
    trial = try_out(in_force(2, formula={"base": 25}, streak_bonus={"per_day": 0}), staff)
    recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())

    def playing():
        for number in range(1, PLAYS + 1):
            for person in people:
                play(person, timezone.now(), level="cave", score=500 + 50 * number)

    at_once([playing, portions])
    portions()
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert find_mismatches() == []
    assert [total_of(person) for person in people] == [33] * 4


def test_of_two_clicks_one_recalculation_begins():
    staff, learner = StaffFactory(), UserFactory()
    play(learner, ago(hours=1))
    trial = try_out(in_force(2, formula={"base": 25}), staff)
    click = lambda: recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())  # noqa: E731
    first, second = at_once([click, click])
    assert first == second == Recalculation.objects.get()
    at_once([portions, portions])
    assert total_of(learner) == 25


def test_of_two_clicks_one_trial_begins():
    staff, draft = StaffFactory(), draft_of(2)
    click = lambda: start_trial(draft, days=7, actor=staff, at=timezone.now())  # noqa: E731
    first, second = at_once([click, click])
    assert first == second == RuleTrial.objects.get()
    run_all()


def test_rules_published_during_a_recalculation_stop_it_before_or_after_a_portion(monkeypatch):
    monkeypatch.setattr("tracking.staff.rule_trials.pricing.LEARNERS", 1)
    staff, people = StaffFactory(), [UserFactory() for _ in range(6)]
    for person in people:
        play(person, ago(hours=1))
    trial = try_out(in_force(2, formula={"base": 25}), staff)
    recalculate_or_request(trial, **WHY, actor=staff, at=timezone.now())
    draft = draft_of(3)
    at_once([portions, lambda: publish_rule_set(draft, at=timezone.now())])
    portions()
    lines = LedgerEntry.objects.filter(reason="recalculation")
    assert {line.rule_set_id for line in lines} <= {2}
    assert [total_of(person) for person in people] == [25] * len(lines) + [10] * (6 - len(lines))
    assert Job.objects.get(kind="recalculate").state in ("done", "failed")
    with transaction.atomic():
        assert find_mismatches() == []
