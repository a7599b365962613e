"""Triggers by which the database itself keeps the ledger append-only and its chain of balances unbroken.

They refuse every UPDATE and DELETE (and TRUNCATE on PostgreSQL), and an INSERT that is not the learner's next sequence
with balance_after = the previous balance + delta. SQLite drops triggers silently when a migration alters the table, so
they are put back after every migrate, and a system check says when they are gone.

The one door, for erasing a person and for archiving: `open_door` and `close_door` inside one transaction.
"""

from django.core import checks
from django.db import connections

POSTGRESQL_TRIGGERS = {
    "ledger_guard": """
        CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            last_sequence bigint := 0;
            last_balance bigint := 0;
        BEGIN
            IF current_setting('skillquest.ledger_door', true) = 'open' THEN
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
                RAISE EXCEPTION 'xp_history: the line does not continue the chain'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$;
        DROP TRIGGER IF EXISTS ledger_guard ON xp_history;
        CREATE TRIGGER ledger_guard BEFORE INSERT OR UPDATE OR DELETE ON xp_history
            FOR EACH ROW EXECUTE FUNCTION ledger_guard();
    """,
    "ledger_guard_truncate": """
        DROP TRIGGER IF EXISTS ledger_guard_truncate ON xp_history;
        CREATE TRIGGER ledger_guard_truncate BEFORE TRUNCATE ON xp_history
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard();
    """,
}

_SQLITE_DOOR_SHUT = "NOT EXISTS (SELECT 1 FROM ledger_door)"

SQLITE_TRIGGERS = {
    "ledger_guard_insert": f"""
        CREATE TRIGGER ledger_guard_insert BEFORE INSERT ON xp_history WHEN {_SQLITE_DOOR_SHUT}
        BEGIN
            SELECT RAISE(ABORT, 'xp_history is append-only')
            -- INSERT OR REPLACE deletes without asking the delete trigger
            WHERE EXISTS (SELECT 1 FROM xp_history WHERE id = NEW.id);
            SELECT RAISE(ABORT, 'xp_history: the line does not continue the chain')
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
        CREATE TRIGGER ledger_guard_update BEFORE UPDATE ON xp_history WHEN {_SQLITE_DOOR_SHUT}
        BEGIN SELECT RAISE(ABORT, 'xp_history is append-only'); END
    """,
    "ledger_guard_delete": f"""
        CREATE TRIGGER ledger_guard_delete BEFORE DELETE ON xp_history WHEN {_SQLITE_DOOR_SHUT}
        BEGIN SELECT RAISE(ABORT, 'xp_history is append-only'); END
    """,
}


def install(connection) -> None:
    """Put the triggers up; safe to repeat."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in POSTGRESQL_TRIGGERS.values():
                cursor.execute(statement)
            return
        cursor.execute("CREATE TABLE IF NOT EXISTS ledger_door (opened_at text)")
        for name, statement in SQLITE_TRIGGERS.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(statement)


def missing(connection) -> set[str]:
    """Names of the triggers that do not stand, or stand but are switched off."""
    if connection.vendor == "postgresql":
        expected, query = POSTGRESQL_TRIGGERS, "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O'"
    else:
        expected, query = SQLITE_TRIGGERS, "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(expected) - {name for (name,) in cursor.fetchall()}


def open_door(connection) -> None:
    """Let this transaction change the ledger. On SQLite `close_door` must follow in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(open_door_sql(connection))


def close_door(connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(close_door_sql(connection))


def open_door_sql(connection) -> str:
    if connection.vendor == "postgresql":
        return "SET LOCAL skillquest.ledger_door = 'open'"
    return "INSERT INTO ledger_door VALUES (datetime('now'))"


def close_door_sql(connection) -> str:
    if connection.vendor == "postgresql":
        return "SET LOCAL skillquest.ledger_door = 'shut'"
    return "DELETE FROM ledger_door"


@checks.register(checks.Tags.database)
def check_triggers_stand(*, databases=None, **_) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"The ledger's trigger {name} is missing on database {alias!r}.",
            hint="Run `manage.py migrate`; it puts the triggers back. Then run `manage.py verify_ledger`.",
            id="gamification.E001",
        )
        for alias in databases or []
        for name in sorted(missing(connections[alias]))
        if "xp_history" in connections[alias].introspection.table_names()
    ]
