"""Learners who are off the boards are found at once among millions; the few of them have an index of their own."""

from django.db import migrations, models

NAME = "learners_off_boards"


def index():
    return models.Index(fields=["board_standing", "-user"], condition=~models.Q(board_standing="ranked"), name=NAME)


def create(apps, schema_editor) -> None:
    """Without locking the table against writes. What an interrupted migration left incomplete is made again."""
    learners = apps.get_model("gamification", "LearnerProfile")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        schema_editor.add_index(learners, index(), concurrently=True)
    else:
        schema_editor.add_index(learners, index())


def drop(apps, schema_editor) -> None:
    schema_editor.remove_index(apps.get_model("gamification", "LearnerProfile"), index())


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("gamification", "0020_repaired_days")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(create, drop)],
            state_operations=[migrations.AddIndex("learnerprofile", index())],
        )
    ]
