"""The ledger's triggers exist after migrations in any order."""

from importlib import import_module

import pytest
from django.core.management import call_command
from django.db import connection

from gamification.ledger import triggers
from gamification.ledger.protection import find_problems
from gamification.models import LedgerEntry, XPRuleSet

pytestmark = pytest.mark.django_db(transaction=True)


def installed():
    return find_problems(connection) == []


def drop_all():
    names = triggers.POSTGRESQL_TRIGGERS if connection.vendor == "postgresql" else triggers.SQLITE_TRIGGERS
    on_table = " ON xp_history" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TRIGGER {name}{on_table}")


def alter_table(editor):
    """Change a column and change it back."""
    field = LedgerEntry._meta.get_field("note")
    wider = field.clone()
    wider.set_attributes_from_name("note")
    wider.model, wider.null = LedgerEntry, True
    editor.alter_field(LedgerEntry, field, wider)
    editor.alter_field(LedgerEntry, wider, field)


def test_migrate_creates_triggers_again_that_were_dropped_by_hand():
    drop_all()
    assert not installed()
    call_command("migrate", verbosity=0)
    assert installed()


def test_triggers_exist_after_a_migration_that_alters_the_table():
    """SQLite rebuilds the table for it and drops its triggers silently."""
    with connection.schema_editor() as editor:
        alter_table(editor)
    call_command("migrate", verbosity=0)
    assert installed()


def test_a_migration_removes_the_table_by_which_maintenance_was_allowed_before():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has a setting instead of a table")
    migration = import_module("gamification.migrations.0007_drop_former_maintenance_table")
    drop_all()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ledger_door (opened_at text)")
        for statement in triggers.SQLITE_TRIGGERS.values():
            cursor.execute(statement.replace("ledger_maintenance", "ledger_door"))
    with connection.schema_editor() as editor:
        migration.drop_former_table(None, editor)
        alter_table(editor)
    call_command("migrate", verbosity=0)
    assert "ledger_door" not in connection.introspection.table_names()
    assert installed()


@pytest.mark.parametrize("first", ["gamification", "accounts"])
def test_triggers_exist_after_all_migrations_were_undone_and_applied_again(first):
    """The databases of all tests are made by `migrate` alone."""
    call_command("migrate", "gamification", "zero", verbosity=0)
    call_command("migrate", first, verbosity=0)
    call_command("migrate", verbosity=0)
    assert installed()
    assert XPRuleSet.objects.published().get().version == 1
