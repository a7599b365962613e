"""The ledger is append-only and its chain is unbroken, whether code or a person at a console writes."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from approvals.errors import OwnXP
from gamification.awards.adjustments import reverse
from gamification.errors import BalanceBelowZero, BalanceTooLarge, NotReversible, ReferenceReused
from gamification.ledger import triggers
from gamification.ledger.audit import Mismatch, find_mismatches
from gamification.models import MAX_TOTAL_XP, LearnerProfile, LedgerEntry
from tests.factories import StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def give(learner, amount, **options):
    return adjust(learner_id=learner.pk, amount=amount, reason="A gift", actor=StaffFactory(), at=NOW, **options)


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def refused(statement, params=()):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
    return True


def test_adjustments_build_a_chain(learner):
    entries = [give(learner, 100), give(learner, -30), give(learner, 5)]
    assert [(entry.sequence, entry.delta, entry.balance_after) for entry in entries] == [
        (1, 100, 100),
        (2, -30, 70),
        (3, 5, 75),
    ]
    assert total_of(learner) == 75


def test_an_adjustment_stores_actor_reason_and_rule_set(learner):
    actor = StaffFactory()
    at = NOW + timedelta(seconds=1)
    entry = adjust(learner_id=learner.pk, amount=7, reason="Helped a friend", note="Seen by Ana.", actor=actor, at=at)
    assert (entry.reason, entry.reference_type, entry.note, entry.actor, entry.rule_set_id, entry.effective_at) == (
        "manual_adjustment",
        "adjustment",
        "Helped a friend\nSeen by Ana.",
        actor,
        1,
        at,
    )


def test_nobody_adjusts_their_own_xp(learner):
    with pytest.raises(OwnXP):
        adjust(learner_id=learner.pk, amount=5, reason="Me", actor=learner, at=NOW)
    assert LedgerEntry.objects.count() == 0


def test_balance_cannot_fall_below_zero(learner):
    give(learner, 10)
    with pytest.raises(BalanceBelowZero):
        give(learner, -11)
    assert total_of(learner) == 10


def test_balance_cannot_pass_the_largest_exact_integer(learner):
    LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=MAX_TOTAL_XP - 5)
    with pytest.raises(BalanceTooLarge):
        give(learner, 6)
    LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=0)


def test_a_reference_is_paid_once(learner):
    first = give(learner, 10, reference_id="prize-1")
    assert give(learner, 10, reference_id="prize-1") == first
    with pytest.raises(ReferenceReused):
        give(learner, 11, reference_id="prize-1")
    assert total_of(learner) == 10


def test_a_reversed_reference_is_not_paid_again(learner):
    first = give(learner, 10, reference_id="prize-1")
    reverse(first, actor=StaffFactory(), note="A mistake", at=NOW)
    assert give(learner, 10, reference_id="prize-1") == first
    assert total_of(learner) == 0


def test_a_reversal_is_effective_when_the_entry_was_earned(learner):
    entry = give(learner, 10)
    later = NOW + timedelta(days=3)
    reversal = reverse(entry, actor=StaffFactory(), note="A mistake", at=later)
    assert (
        reversal.delta,
        reversal.reason,
        reversal.reversal_of,
        reversal.effective_at,
        reversal.created_at,
        reversal.reference_id,
    ) == (
        -10,
        "reversal",
        entry,
        entry.effective_at,
        later,
        entry.reference_id,
    )
    assert total_of(learner) == 0


def test_an_entry_is_reversed_once_and_a_reversal_never(learner):
    entry = give(learner, 10)
    reversal = reverse(entry, actor=StaffFactory(), note="", at=NOW)
    for target in [entry, reversal]:
        with pytest.raises(NotReversible):
            reverse(target, actor=StaffFactory(), note="", at=NOW)
    assert total_of(learner) == 0


def test_reversal_that_would_go_below_zero_is_refused(learner):
    entry = give(learner, 10)
    give(learner, -5)
    with pytest.raises(BalanceBelowZero):
        reverse(entry, actor=StaffFactory(), note="", at=NOW)


def test_nobody_reverses_their_own_entry(learner):
    entry = give(learner, 10)
    with pytest.raises(OwnXP):
        reverse(entry, actor=learner, note="", at=NOW)


def test_database_refuses_to_change_or_delete_an_entry(learner):
    entry = give(learner, 10)
    attempts = [
        lambda: LedgerEntry.objects.filter(pk=entry.pk).update(delta=1_000),
        lambda: LedgerEntry.objects.filter(pk=entry.pk).update(note=F("note")),
        entry.delete,
        lambda: LedgerEntry.objects.all().delete(),
        entry.save,
    ]
    for attempt in attempts:
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    assert refused("UPDATE xp_history SET delta = 1000")
    assert refused("DELETE FROM xp_history")
    entry.refresh_from_db()
    assert entry.delta == 10


def test_database_refuses_an_entry_that_does_not_continue_the_chain(learner):
    entry = give(learner, 10)
    columns = [field.column for field in LedgerEntry._meta.concrete_fields if not field.primary_key]
    copy = f"INSERT INTO xp_history ({', '.join(columns)}) SELECT {{}} FROM xp_history WHERE id = {entry.pk}"

    def with_values(**values):
        values = {"reference_id": "'another'", **values}
        return copy.format(", ".join(values.get(column, column) for column in columns))

    assert refused(with_values(sequence="3", balance_after="20"))
    assert refused(with_values(sequence="2", balance_after="21"))
    assert refused(with_values(sequence="1", balance_after="20"))
    assert refused(with_values(sequence="2", balance_after="20", reference_id="reference_id"))
    assert refused(with_values(sequence="2", balance_after="10", delta="0"))
    assert refused(with_values(sequence="2", balance_after="-5", delta="-15"))


def test_insert_or_replace_does_not_bypass_the_triggers(learner):
    if connection.vendor != "sqlite":
        return
    entry = give(learner, 10)
    columns = ", ".join(field.column for field in LedgerEntry._meta.concrete_fields)
    assert refused(
        f"INSERT OR REPLACE INTO xp_history ({columns}) SELECT {columns} FROM xp_history WHERE id = %s", [entry.pk]
    )


def test_truncate_is_refused_on_postgresql(learner):
    if connection.vendor != "postgresql":
        return
    give(learner, 10)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no deferred check
    assert refused("TRUNCATE xp_history CASCADE")


def test_a_learner_with_history_cannot_be_deleted(learner):
    give(learner, 10)
    with pytest.raises(ProtectedError):
        learner.delete()


def test_maintenance_mode_ends_with_its_block(learner):
    give(learner, 10)
    with transaction.atomic():
        with triggers.maintenance_mode(connection):
            LedgerEntry.objects.update(note="archived")
        assert refused("UPDATE xp_history SET delta = 1000")
    assert refused("UPDATE xp_history SET delta = 1000")


def test_maintenance_mode_ends_when_its_block_fails(learner):
    give(learner, 10)
    with pytest.raises(ZeroDivisionError), transaction.atomic(), triggers.maintenance_mode(connection):
        LedgerEntry.objects.update(delta=1 // 0)
    assert refused("UPDATE xp_history SET delta = 1000")


@pytest.mark.tampers
def test_verify_ledger_lists_learners_who_differ_and_repairs_their_totals(learner, capsys):
    other = UserFactory()
    give(learner, 10)
    give(other, 20)
    LearnerProfile.objects.filter(pk=learner.pk).update(total_xp=99)
    assert find_mismatches() == [Mismatch(learner.pk, 99, 10, 1, 10, 10, 1, 0)]
    with pytest.raises(CommandError, match="1 learners differ"):
        call_command("verify_ledger")
    call_command("verify_ledger", repair=True)
    assert (
        f"learner {learner.pk}: profile 99 XP (10 verified) at entry 1, ledger 10 XP (10 verified) at entry 1"
        in capsys.readouterr().out
    )
    assert (total_of(learner), total_of(other)) == (10, 20)


@pytest.mark.tampers
def test_verify_ledger_finds_edits_and_deletions_that_bypassed_the_triggers(learner):
    entries = [give(learner, 10), give(learner, 20), give(learner, 30)]
    tampering = [
        lambda: LedgerEntry.objects.filter(pk=entries[1].pk).update(delta=19),
        lambda: LedgerEntry.objects.filter(pk=entries[1].pk).update(balance_after=29),
        lambda: LedgerEntry.objects.filter(pk=entries[1].pk).delete(),
        lambda: LedgerEntry.objects.filter(pk=entries[2].pk).delete(),
        lambda: LedgerEntry.objects.filter(pk=entries[0].pk).delete(),
    ]
    for tamper in tampering:
        with transaction.atomic():
            with triggers.maintenance_mode(connection):
                tamper()
            assert [found.learner_id for found in find_mismatches()] == [learner.pk], tamper
            transaction.set_rollback(True)
