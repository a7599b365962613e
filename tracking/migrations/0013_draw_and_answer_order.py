"""Index what plays draw, and remember in which order questions were answered."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("levels", "0006_draw_questions"),
        ("tracking", "0012_plays_and_reviews"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="playquestion",
            name="turn",
            field=models.PositiveSmallIntegerField(help_text="Its place in the order of answers, from 1.", null=True),
        ),
        migrations.AlterField(
            model_name="playquestion",
            name="answer",
            field=models.JSONField(help_text="In its normal form; null until then.", null=True),
        ),
        migrations.AddIndex(
            model_name="questionmemory",
            index=models.Index(fields=["learner", "correct", "last_review"], name="memories_by_last_answer"),
        ),
    ]
