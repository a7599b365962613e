from django.db import migrations

TABLE = "ledger_door"  # the former name of ledger_maintenance, on SQLite
TRIGGERS = ["ledger_guard_insert", "ledger_guard_update", "ledger_guard_delete"]


def drop_former_table(_apps, schema_editor) -> None:
    """The triggers that name it go first, because SQLite alters no table while one names a table that is missing.

    They are installed again after every `migrate`.
    """
    connection = schema_editor.connection
    if TABLE in connection.introspection.table_names():
        for trigger in TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        schema_editor.execute(f"DROP TABLE {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("gamification", "0006_ledger_trust")]

    operations = [migrations.RunPython(drop_former_table, migrations.RunPython.noop)]
