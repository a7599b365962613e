"""Deciding about held results is a right of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("tracking", "0018_by_time"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="completion",
            options={"permissions": [("decide_held_results", "Can release and refuse held results")]},
        ),
    ]
