import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FileImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="The name of a resource.", max_length=30)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("comparing", "being compared"),
                            ("compared", "compared, nothing is saved yet"),
                            ("requested", "waits for a second person"),
                            ("applying", "being imported"),
                            ("done", "Done"),
                            ("discarded", "Discarded"),
                        ],
                        default="comparing",
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(max_length=100)),
                ("ending", models.CharField(max_length=4)),
                ("content", models.BinaryField(null=True)),
                ("fingerprint", models.CharField(blank=True, help_text="Of what the file does.", max_length=64)),
                ("counts", models.JSONField(default=dict, help_text="Verdict -> number of rows.")),
                ("reason", models.CharField(blank=True, help_text="For the history of the rows.", max_length=100)),
                ("message", models.TextField(blank=True, help_text="Why nothing can be compared, or was imported.")),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(help_text="As a spreadsheet numbers it.")),
                ("key", models.CharField(blank=True, max_length=200)),
                ("cells", models.JSONField(default=dict)),
                (
                    "unreadable",
                    models.JSONField(default=list, help_text="What reading found: lists of column and reason."),
                ),
                (
                    "faults",
                    models.JSONField(default=list, help_text="All that is wrong with it: lists of column and reason."),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("refused", "Refused"),
                            ("unchanged", "Unchanged"),
                        ],
                        max_length=10,
                    ),
                ),
                ("changes", models.JSONField(default=dict, help_text="Column -> [before, after].")),
                ("needs_second", models.BooleanField(default=False, help_text="A second person has to approve it.")),
                ("place", models.PositiveIntegerField(default=0, help_text="In which order rows are written.")),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="exchange.fileimport",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="fileimport",
            constraint=models.CheckConstraint(
                condition=models.Q(("content__isnull", True), ("finished_at__isnull", True), _connector="OR"),
                name="import_ends_without_its_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("source", "number"), name="import_row_once"),
        ),
    ]
