"""`check` and `verify_ledger` report everything that would let ledger entries be changed."""

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from gamification.ledger import triggers
from gamification.ledger.protection import check_protection, find_problems

pytestmark = pytest.mark.django_db
IS_POSTGRESQL = connection.vendor == "postgresql"
HARMLESS = "CREATE TRIGGER {name} BEFORE {event} ON xp_history BEGIN SELECT 1; END"

SQLITE = {
    "a trigger that is missing": (["DROP TRIGGER ledger_guard_update"], ["E001"]),
    "a trigger that does nothing": (
        ["DROP TRIGGER ledger_guard_delete", HARMLESS.format(name="ledger_guard_delete", event="DELETE")],
        ["E003"],
    ),
    "a trigger with another condition": (
        [
            "DROP TRIGGER ledger_guard_update",
            triggers.SQLITE_TRIGGERS["ledger_guard_update"].replace("WHEN", "WHEN OLD.delta = 1 AND"),
        ],
        ["E003"],
    ),
    "a trigger of another table": (
        [
            "DROP TRIGGER ledger_guard_delete",
            "CREATE TRIGGER ledger_guard_delete BEFORE DELETE ON auth_group BEGIN SELECT 1; END",
        ],
        ["E001"],
    ),
    "maintenance mode": (["INSERT INTO ledger_maintenance VALUES ('now')"], ["E004"]),
    "a view in the place of maintenance mode": (
        ["DROP TABLE ledger_maintenance", "CREATE VIEW ledger_maintenance AS SELECT 'now' AS began_at"],
        ["E004"],
    ),
    "no place for maintenance mode": (["DROP TABLE ledger_maintenance"], ["E005"]),
    "several": (
        ["DROP TRIGGER ledger_guard_update", "INSERT INTO ledger_maintenance VALUES ('now')"],
        ["E001", "E004"],
    ),
}
FUNCTION = triggers.POSTGRESQL_TRIGGERS["ledger_guard"].partition("DROP TRIGGER")[0]
POSTGRESQL = {
    "a trigger that is missing": (["DROP TRIGGER ledger_guard_truncate ON xp_history"], ["E001"]),
    "a trigger that is switched off": (["ALTER TABLE xp_history DISABLE TRIGGER ledger_guard"], ["E001"]),
    "a function that does nothing": (
        [FUNCTION.replace("BEGIN\n", "BEGIN RETURN NEW;\n", 1)],
        ["E003", "E003"],
    ),
    "a function with a setting": (
        ["ALTER FUNCTION ledger_guard() SET skillquest.ledger_maintenance = 'on'"],
        ["E003"] * 2,
    ),
    "a trigger for fewer statements": (
        [
            "DROP TRIGGER ledger_guard ON xp_history",
            "CREATE TRIGGER ledger_guard BEFORE INSERT ON xp_history FOR EACH ROW EXECUTE FUNCTION ledger_guard()",
        ],
        ["E003"],
    ),
    "maintenance mode": (["SET skillquest.ledger_maintenance = 'on'"], ["E004"]),
    "maintenance mode of a role": (["ALTER ROLE CURRENT_USER SET skillquest.ledger_maintenance = 'on'"], ["E004"]),
    "triggers off for a role": (["ALTER ROLE CURRENT_USER SET session_replication_role = 'replica'"], ["E004"]),
}
WEAKENED = POSTGRESQL if IS_POSTGRESQL else SQLITE


def run(statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_nothing_is_reported_about_a_database_as_it_was_installed():
    assert check_protection(databases=["default"]) == []
    call_command("verify_ledger")


@pytest.mark.tampers
@pytest.mark.parametrize("way", WEAKENED)
def test_check_and_verify_ledger_report_what_no_longer_protects_the_ledger(way, capsys):
    statements, ids = WEAKENED[way]
    run(statements)
    problems = check_protection(databases=["default"])
    assert [problem.id for problem in problems] == [f"gamification.{number}" for number in ids]
    with pytest.raises(SystemCheckError):
        call_command("check", databases=["default"])
    with pytest.raises(CommandError, match="does not protect the ledger"):
        call_command("verify_ledger")
    output = capsys.readouterr().out
    assert [f"{problem.msg} {problem.hint}" in output for problem in problems] == [True] * len(ids)


@pytest.mark.parametrize("way", [way for way in WEAKENED if "E003" in WEAKENED[way][1] or "E001" in WEAKENED[way][1]])
def test_installing_the_triggers_again_repairs_them(way):
    run(WEAKENED[way][0])
    triggers.install(connection)
    assert {problem.id for problem in find_problems(connection)} <= {"gamification.E004"}
