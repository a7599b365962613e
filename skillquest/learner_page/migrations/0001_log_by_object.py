"""What the admin has logged about one learner is found at once; Django's table has no index for that."""

from django.db import migrations

NAME = "admin_log_by_object"


def create(_apps, schema_editor) -> None:
    """What an interrupted migration left incomplete is made again."""
    drop(_apps, schema_editor)
    schema_editor.execute(
        f"CREATE INDEX {_without_lock(schema_editor)} {NAME} ON django_admin_log (object_id, content_type_id)"
    )


def drop(_apps, schema_editor) -> None:
    schema_editor.execute(f"DROP INDEX {_without_lock(schema_editor)} IF EXISTS {NAME}")


def _without_lock(schema_editor) -> str:
    return "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("admin", "0003_logentry_add_action_flag_choices")]

    operations = [migrations.RunPython(create, drop)]
