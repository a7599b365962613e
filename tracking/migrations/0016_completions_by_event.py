from django.db import migrations, models


class AddIndexWhileResultsAreWritten(migrations.AddIndex):
    """CONCURRENTLY on PostgreSQL; what an interrupted migration left incomplete is made again."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
        schema_editor.add_index(model, self.index, concurrently=True)


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("tracking", "0015_language_of_kept_answers")]

    operations = [
        AddIndexWhileResultsAreWritten(
            model_name="completion",
            index=models.Index(
                fields=["client_event_id"],
                condition=models.Q(("client_event_id__isnull", False)),
                name="completions_by_event",
            ),
        )
    ]
