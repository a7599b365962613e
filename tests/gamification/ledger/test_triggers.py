"""The ledger's triggers stand after every road by which migrations can come, and are missed when they are gone."""

import pytest
from django.core.management import call_command
from django.db import connection

from gamification.ledger import triggers
from gamification.models import LedgerEntry, XPRuleSet

pytestmark = pytest.mark.django_db(transaction=True)


def standing():
    return triggers.missing(connection) == set()


def drop_all():
    names = triggers.POSTGRESQL_TRIGGERS if connection.vendor == "postgresql" else triggers.SQLITE_TRIGGERS
    on_table = " ON xp_history" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def test_migrate_puts_back_what_was_dropped_by_hand():
    drop_all()
    assert not standing()
    call_command("migrate", verbosity=0)
    assert standing()


def test_they_stand_after_a_migration_that_alters_the_table():
    """SQLite rebuilds the table for it and forgets its triggers without a word."""
    field = LedgerEntry._meta.get_field("note")
    wider = field.clone()
    wider.set_attributes_from_name("note")
    wider.model, wider.null = LedgerEntry, True
    with connection.schema_editor() as editor:
        editor.alter_field(LedgerEntry, field, wider)
        editor.alter_field(LedgerEntry, wider, field)
    call_command("migrate", verbosity=0)
    assert standing()


@pytest.mark.parametrize("first", [["gamification"], ["accounts"], []])
def test_they_stand_after_everything_was_taken_back_and_built_again(first):
    call_command("migrate", "gamification", "zero", verbosity=0)
    call_command("migrate", *first, verbosity=0)
    call_command("migrate", verbosity=0)
    assert standing()
    assert XPRuleSet.objects.published().get().version == 1


def test_a_trigger_that_is_switched_off_counts_as_missing():
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own way of switching a trigger off")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE xp_history DISABLE TRIGGER ledger_guard")
        assert triggers.missing(connection) == {"ledger_guard"}
        cursor.execute("ALTER TABLE xp_history ENABLE TRIGGER ledger_guard")
    assert standing()
