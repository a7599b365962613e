"""Staff pardon single days of one learner."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gamification", "0019_translations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DayRepair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("freeze_returned", "Freeze Returned"), ("repaired", "Repaired")], max_length=20
                    ),
                ),
                ("reason", models.CharField(help_text="What the learner may read.", max_length=100)),
                ("note", models.TextField(help_text="For colleagues and auditors.")),
                ("created_at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_repairs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "repaired day",
                "ordering": ["-pk"],
                "permissions": [("repair_days", "Can return freezes to learners and repair their missed days")],
                "constraints": [
                    models.UniqueConstraint(fields=("learner", "date"), name="day_repaired_once"),
                    models.CheckConstraint(
                        condition=models.Q(("actor", models.F("learner")), _negated=True),
                        name="repaired_day_not_ones_own",
                    ),
                ],
            },
        ),
    ]
