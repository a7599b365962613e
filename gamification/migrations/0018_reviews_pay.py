"""Ledger entries may have the reason `review`."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gamification", "0017_metrics_say_how_much"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ledgerentry",
            name="reason",
            field=models.CharField(
                choices=[
                    ("session_completion", "Session Completion"),
                    ("level_completion", "Level Completion"),
                    ("attempt_passed", "Attempt Passed"),
                    ("training_progress", "Training Progress"),
                    ("metric", "Metric"),
                    ("review", "Review"),
                    ("streak_bonus", "Streak Bonus"),
                    ("achievement", "Achievement"),
                    ("manual_adjustment", "Manual Adjustment"),
                    ("reversal", "Reversal"),
                    ("recalculation", "Recalculation"),
                    ("import", "Import"),
                    ("carried_forward", "Carried Forward"),
                ],
                max_length=20,
            ),
        ),
    ]
