"""P26: changes of XP at the largest total and at the largest change."""

import pytest
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.exceptions import APIException

from gamification.ledger import triggers
from gamification.models import MAX_DELTA, MAX_TOTAL_XP, LearnerProfile, LedgerEntry
from levels.models import MAX_SCORE, MAX_XP
from tests.factories import LevelFactory, StaffFactory, adjust
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def carry_forward(learner, total):
    """Give the learner a large total, with a consistent ledger."""
    at = timezone.now()
    LedgerEntry.objects.create(
        learner=learner,
        sequence=1,
        delta=total,
        balance_after=total,
        reason="carried_forward",
        reference_type="archive",
        reference_id="1",
        rule_set_id=1,
        effective_at=at,
        created_at=at,
    )
    LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=total, last_sequence=1)


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def balance_or_refusal(learner, amount, staff):
    """The new balance, or the code of the refusal."""
    try:
        return adjust(learner_id=learner.pk, amount=amount, reason="x", actor=staff, at=timezone.now()).balance_after
    except APIException as refusal:
        return refusal.default_code


def test_changes_beyond_the_limits_are_refused(learner, staff):
    for amount in (0, MAX_DELTA + 1, -MAX_DELTA - 1, 2**53, 2**63, -(2**63) - 1, 10**400):
        assert balance_or_refusal(learner, amount, staff) == "delta_out_of_range", amount
    assert balance_or_refusal(learner, MAX_DELTA, staff) == MAX_DELTA
    assert balance_or_refusal(learner, -MAX_DELTA, staff) == 0
    assert balance_or_refusal(learner, -1, staff) == "balance_below_zero"
    carried = StaffFactory()
    carry_forward(carried, MAX_TOTAL_XP - 5)
    assert balance_or_refusal(carried, 6, staff) == "balance_too_large"
    assert balance_or_refusal(carried, 5, staff) == MAX_TOTAL_XP
    assert balance_or_refusal(carried, 1, staff) == "balance_too_large"
    assert balance_or_refusal(carried, MAX_DELTA, staff) == "balance_too_large"
    assert (total_of(learner), total_of(carried)) == (0, MAX_TOTAL_XP)


def test_a_completion_that_would_exceed_the_largest_total_changes_nothing(learner_api, learner):
    level = LevelFactory()
    carry_forward(learner, MAX_TOTAL_XP - 5)
    for _ in range(2):
        answer = learner_api.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": 900})
        assert (answer.status_code, answer.json()["code"]) == (400, "balance_too_large")
    session = learner_api.post("/api/v1/sessions/start", {"level_id": level.level_id}).json()["session_id"]
    answer = learner_api.post("/api/v1/sessions/end", {"session_id": session, "score": 900})
    assert (answer.status_code, answer.json()["code"]) == (400, "balance_too_large")
    assert total_of(learner) == MAX_TOTAL_XP - 5


def test_the_largest_total_is_shown_exactly(learner_api, client, learner):
    carry_forward(learner, MAX_TOTAL_XP)
    for path in ("gamification/xp/level", "levels/progress", "sessions/progress", "xp/history", "auth/me"):
        answer = learner_api.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        assert str(MAX_TOTAL_XP) in answer.content.decode() or path == "auth/me"
    client.force_login(learner)
    assert client.get("/dashboard").status_code == 200


@pytest.mark.parametrize("rule", ["fixed", "proportional", "formula", "scenario"])
def test_the_level_with_the_largest_reward_is_paid(learner_api, learner, rule):
    level = LevelFactory(
        xp_rule=rule, xp_reward=MAX_XP, max_score=MAX_SCORE, difficulty="expert", estimated_time="9999 m"
    )
    answer = learner_api.post("/api/v1/levels/complete", {"level_id": level.level_id, "score": MAX_SCORE})
    assert answer.status_code == 200, answer.content
    assert answer.json()["new_total_xp"] == total_of(learner) <= MAX_DELTA


@pytest.mark.django_db(transaction=True)
def test_concurrent_changes_do_not_exceed_the_limits(learner, staff):
    rich = StaffFactory()
    balance_or_refusal(learner, 50, staff)
    with transaction.atomic(), triggers.maintenance_mode(connection):
        carry_forward(rich, MAX_TOTAL_XP - 50)
    changes = [lambda: balance_or_refusal(learner, -20, staff)] * 6 + [lambda: balance_or_refusal(rich, 20, staff)] * 6
    results = at_once(changes)
    assert sorted(map(str, results[:6])) == ["10", "30", *["balance_below_zero"] * 4]
    assert results[6:].count("balance_too_large") == 4
    assert (total_of(learner), total_of(rich)) == (10, MAX_TOTAL_XP - 10)
