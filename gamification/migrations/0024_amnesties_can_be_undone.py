"""Amnesties are previewed before they are granted, and can be undone: what each changed is kept for each learner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gamification", "0023_right_to_reverse_since"),
        ("jobs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="amnesty",
            name="keeps_effects",
            field=models.BooleanField(
                db_default=False,
                default=True,
                editable=False,
                help_text="What it changes is kept for each learner; older amnesties cannot be undone.",
            ),
        ),
        migrations.AddField(
            model_name="amnesty",
            name="undo_job",
            field=models.ForeignKey(
                editable=False,
                help_text="The latest attempt.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="jobs.job",
            ),
        ),
        migrations.AddField(
            model_name="amnesty",
            name="undone_at",
            field=models.DateTimeField(editable=False, help_text="From then on it is applied to nobody.", null=True),
        ),
        migrations.CreateModel(
            name="AmnestyPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("after", models.PositiveIntegerField(help_text="The number of the newest amnesty then.")),
                ("undone", models.PositiveIntegerField(help_text="How many amnesties were undone then.")),
                ("created_at", models.DateTimeField()),
                ("cursor", models.JSONField(default=dict)),
                ("figures", models.JSONField(help_text="What it found in sum, once it has ended.", null=True)),
                (
                    "amnesty",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="preview",
                        to="gamification.amnesty",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="jobs.job"
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AppliedAmnesty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.JSONField(help_text="The dates that it pardons.")),
                ("returned", models.JSONField(default=list, help_text="Those of them whose freeze comes back.")),
                ("streak_before", models.PositiveIntegerField()),
                ("streak_after", models.PositiveIntegerField()),
                ("has_earned", models.BooleanField(default=False, help_text="It unlocks achievements or badges.")),
                ("frozen", models.JSONField(default=list, help_text="Those of the days that were frozen, not missed.")),
                ("applied_at", models.DateTimeField()),
                ("state", models.CharField(help_text="A hash of the totals when it had been applied.", max_length=64)),
                (
                    "behind",
                    models.CharField(help_text="A hash of the days that follow the pardoned ones.", max_length=64),
                ),
                (
                    "has_given",
                    models.BooleanField(help_text="The streak became longer or alive again, or freezes came back."),
                ),
                (
                    "is_used",
                    models.BooleanField(
                        default=False, help_text="Something depends on it, as the last check has found."
                    ),
                ),
                (
                    "amnesty",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="effects",
                        to="gamification.amnesty",
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_used", True)), fields=["amnesty", "learner"], name="amnesties_in_use"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("amnesty", "learner"), name="amnesty_applied_once")],
            },
        ),
        migrations.CreateModel(
            name="PreviewedLearner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.JSONField(help_text="The dates that it pardons.")),
                ("returned", models.JSONField(default=list, help_text="Those of them whose freeze comes back.")),
                ("streak_before", models.PositiveIntegerField()),
                ("streak_after", models.PositiveIntegerField()),
                ("has_earned", models.BooleanField(default=False, help_text="It unlocks achievements or badges.")),
                ("gain", models.PositiveIntegerField(help_text="By how many days the streak becomes longer.")),
                ("xp", models.PositiveIntegerField(default=0, help_text="What achievements pay that it unlocks.")),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "preview",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="learners",
                        to="gamification.amnestypreview",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["preview", "-gain", "learner"], name="amnesty_previews_by_gain")],
                "constraints": [models.UniqueConstraint(fields=("preview", "learner"), name="amnesty_previewed_once")],
            },
        ),
    ]
