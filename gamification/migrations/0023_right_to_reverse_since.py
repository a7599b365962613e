"""Reversing many entries at once is a right of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("gamification", "0022_by_time"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="ledgerentry",
            options={
                "ordering": ["learner", "sequence"],
                "permissions": [
                    ("award_xp", "Can adjust XP"),
                    ("reverse_since", "Can reverse many entries of a learner at once"),
                ],
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
            },
        ),
    ]
