from django.db import migrations

# For `skillquest.accounts.finding`. Only for PostgreSQL: SQLite compares by code points anyway, so that the indexes of
# the unique constraints serve there. Models cannot declare a collation that only one of the databases has.
INDEXES = [
    ("people_by_username", "lower(username)", "true"),
    ("people_by_email", "email_normal_form", "email_normal_form > ''"),
    ("people_by_display_name", "display_name_skeleton", "display_name_skeleton > ''"),
    ("people_by_external_id", "external_id", "external_id IS NOT NULL"),
]


def create_indexes(_apps, schema_editor) -> None:
    """What an interrupted migration left incomplete is made again."""
    drop_indexes(_apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        for name, column, condition in INDEXES:
            schema_editor.execute(
                f'CREATE INDEX CONCURRENTLY {name} ON accounts_user (({column}) COLLATE "C") WHERE {condition}'
            )


def drop_indexes(_apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name, _, _ in INDEXES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("accounts", "0010_names_of_fields")]

    operations = [migrations.RunPython(create_indexes, drop_indexes)]
