"""Reviews keep what they paid and what was answered, for retries."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0013_draw_and_answer_order"),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="awarded_xp",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="What it has paid; the most of its date is counted from it."
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="response",
            field=models.JSONField(help_text="The answer to the client, which a retry gets again.", null=True),
        ),
        migrations.AlterField(
            model_name="review",
            name="answer",
            field=models.JSONField(help_text="In its normal form."),
        ),
    ]
