"""Triggers by which the database itself keeps the ledger append-only and its chain of balances unbroken.

They refuse every UPDATE and DELETE (and TRUNCATE on PostgreSQL), and an INSERT that is not the learner's next sequence
with balance_after = the previous balance + delta. SQLite drops triggers silently when a migration alters the table, so
they are installed again after every `migrate`; `gamification.ledger.protection` reports what is missing or changed.

The only exception is `maintenance_mode`, for erasing a person and for archiving.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

POSTGRESQL_TRIGGERS = {
    "ledger_guard": """
        CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            last_sequence bigint := 0;
            last_balance bigint := 0;
        BEGIN
            IF current_setting('skillquest.ledger_maintenance', true) = 'on' THEN
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW;
            END IF;
            IF TG_OP <> 'INSERT' THEN
                RAISE EXCEPTION 'xp_history is append-only' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            SELECT sequence, balance_after INTO last_sequence, last_balance
                FROM xp_history WHERE learner_id = NEW.learner_id ORDER BY sequence DESC LIMIT 1;
            IF NEW.sequence <> COALESCE(last_sequence, 0) + 1
                OR NEW.balance_after <> COALESCE(last_balance, 0) + NEW.delta THEN
                RAISE EXCEPTION 'xp_history: the entry does not continue the chain'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$;
        DROP TRIGGER IF EXISTS ledger_guard ON xp_history;
        CREATE TRIGGER ledger_guard BEFORE INSERT OR DELETE OR UPDATE ON xp_history
            FOR EACH ROW EXECUTE FUNCTION ledger_guard();
    """,
    "ledger_guard_truncate": """
        DROP TRIGGER IF EXISTS ledger_guard_truncate ON xp_history;
        CREATE TRIGGER ledger_guard_truncate BEFORE TRUNCATE ON xp_history
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard();
    """,
}

# A row in this table is what the setting is on PostgreSQL; it exists only inside the transaction that inserted it.
_SQLITE_MAINTENANCE_OFF = "NOT EXISTS (SELECT 1 FROM ledger_maintenance)"

SQLITE_TRIGGERS = {
    "ledger_guard_insert": f"""
        CREATE TRIGGER ledger_guard_insert BEFORE INSERT ON xp_history WHEN {_SQLITE_MAINTENANCE_OFF}
        BEGIN
            SELECT RAISE(ABORT, 'xp_history is append-only')
            -- INSERT OR REPLACE deletes a row without running the DELETE trigger
            WHERE EXISTS (SELECT 1 FROM xp_history WHERE id = NEW.id);
            SELECT RAISE(ABORT, 'xp_history: the entry does not continue the chain')
            WHERE (NEW.sequence, NEW.balance_after) IS NOT (
                SELECT COALESCE(MAX(sequence), 0) + 1, COALESCE((
                    SELECT balance_after FROM xp_history WHERE learner_id = NEW.learner_id
                    ORDER BY sequence DESC LIMIT 1
                ), 0) + NEW.delta
                FROM xp_history WHERE learner_id = NEW.learner_id
            );
        END
    """,  # noqa: S608 - built from the constants of this module
    "ledger_guard_update": f"""
        CREATE TRIGGER ledger_guard_update BEFORE UPDATE ON xp_history WHEN {_SQLITE_MAINTENANCE_OFF}
        BEGIN SELECT RAISE(ABORT, 'xp_history is append-only'); END
    """,
    "ledger_guard_delete": f"""
        CREATE TRIGGER ledger_guard_delete BEFORE DELETE ON xp_history WHEN {_SQLITE_MAINTENANCE_OFF}
        BEGIN SELECT RAISE(ABORT, 'xp_history is append-only'); END
    """,
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create or replace the triggers; safe to repeat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in POSTGRESQL_TRIGGERS.values():
                cursor.execute(statement)
            return
        cursor.execute("CREATE TABLE IF NOT EXISTS ledger_maintenance (began_at text)")
        for name, statement in SQLITE_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(statement)


@contextmanager
def maintenance_mode(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let the block change any ledger entry. Call it inside a transaction.

    If the block fails, the transaction has to be rolled back, which ends the maintenance mode too.
    """
    _execute(connection, _SWITCH_ON[connection.vendor])
    yield
    _execute(connection, _SWITCH_OFF[connection.vendor])


_SWITCH_ON = {
    "postgresql": "SET LOCAL skillquest.ledger_maintenance = 'on'",
    "sqlite": "INSERT INTO ledger_maintenance VALUES (datetime('now'))",
}
_SWITCH_OFF = {
    "postgresql": "SET LOCAL skillquest.ledger_maintenance = 'off'",
    "sqlite": "DELETE FROM ledger_maintenance",
}


def _execute(connection: BaseDatabaseWrapper, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
