"""Whether the database still protects the ledger: every trigger as it was installed, and no maintenance mode left on.

`manage.py check --database default` and `manage.py verify_ledger` report it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .triggers import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS

INSTALL = "Run `manage.py migrate`; it creates the triggers again. Then run `manage.py verify_ledger`."
SWITCH_OFF = {
    "sqlite": "Find out who switched it on, then run `DELETE FROM ledger_maintenance` in the database.",
    "postgresql": "Find out who switched it on, then reset it with ALTER ROLE … RESET or ALTER DATABASE … RESET.",
}
# What every transaction of a role or database would begin with.
POSTGRESQL_MAINTENANCE = """
    SELECT 1 WHERE current_setting('skillquest.ledger_maintenance', true) = 'on'
        OR current_setting('session_replication_role') = 'replica'
    UNION SELECT 1 FROM pg_db_role_setting, unnest(setconfig) AS setting
        WHERE setting = 'skillquest.ledger_maintenance=on' OR setting = 'session_replication_role=replica'
"""
POSTGRESQL_DEFINITIONS = """
    SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true), prosrc || COALESCE(proconfig::text, '')
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE tgrelid = 'xp_history'::regclass AND tgenabled = 'O' AND NOT tgisinternal
"""
SQLITE_DEFINITIONS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'xp_history'"


def find_problems(connection: BaseDatabaseWrapper) -> list[checks.Error]:
    tables = connection.introspection.table_names(include_views=True)
    if "xp_history" not in tables:
        return []
    found = _definitions(connection)
    expected = POSTGRESQL_TRIGGERS if connection.vendor == "postgresql" else SQLITE_TRIGGERS
    missing = sorted(set(expected) - set(found))
    changed = sorted(name for name in set(expected) & set(found) if not _same(expected[name], found[name], connection))
    return [
        *(_error("E001", f"The ledger's trigger {name} is missing", INSTALL, connection) for name in missing),
        *(_error("E003", f"The ledger's trigger {name} has been changed", INSTALL, connection) for name in changed),
        *_maintenance_left_on(connection, tables),
    ]


def _definitions(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """By name, the texts of each trigger of the ledger that is switched on."""
    query = POSTGRESQL_DEFINITIONS if connection.vendor == "postgresql" else SQLITE_DEFINITIONS
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name: texts for name, *texts in cursor.fetchall()}


def _same(statement: str, texts: list[str], connection: BaseDatabaseWrapper) -> bool:
    installed, found = _one_line(statement), [_one_line(text) for text in texts]
    if connection.vendor == "sqlite":
        return found == [installed]
    trigger, body = found
    function = _one_line(POSTGRESQL_TRIGGERS["ledger_guard"])
    return installed.endswith(f"; {trigger};") and f" AS $$ {body} $$; " in function


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _maintenance_left_on(connection: BaseDatabaseWrapper, tables: list[str]) -> list[checks.Error]:
    """A maintenance mode that outlives its transaction; one that still runs cannot be seen by other transactions."""
    if connection.vendor == "sqlite" and "ledger_maintenance" not in tables:
        return [_error("E005", "The ledger's table ledger_maintenance is missing", INSTALL, connection)]
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute("SELECT 1 FROM ledger_maintenance" if is_sqlite else POSTGRESQL_MAINTENANCE)
        if cursor.fetchone() is None:
            return []
    message = "The ledger's maintenance mode was left on, so entries can be changed and deleted"
    return [_error("E004", message, SWITCH_OFF[connection.vendor], connection)]


def _error(number: str, message: str, hint: str, connection: BaseDatabaseWrapper) -> checks.Error:
    return checks.Error(f"{message} on database {connection.alias!r}.", hint=hint, id=f"gamification.{number}")


@checks.register(checks.Tags.database)
def check_protection(*, databases: Sequence[str] | None = None, **_: Any) -> Iterable[checks.CheckMessage]:
    return [problem for alias in databases or [] for problem in find_problems(connections[alias])]
