"""Achievements and badges have their texts in several languages."""

from django.db import migrations, models

from catalogues.translations import languages

ROWS = ["achievement", "badge"]


def language():
    return models.CharField(
        max_length=10, choices=languages, default="en", db_default="en", help_text="Of the texts of this row itself."
    )


def translations():
    return models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text='By language, then by field: {"id": {"name": "…"}}',
    )


class Migration(migrations.Migration):
    dependencies = [("gamification", "0018_reviews_pay")]

    operations = [
        migrations.AddField(model_name=f"{prefix}{row}", name=name, field=field())
        for row in ROWS
        for prefix in ("", "historical")
        for name, field in (("language", language), ("translations", translations))
    ]
