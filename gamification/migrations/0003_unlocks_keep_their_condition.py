from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

import gamification.conditions.fields


def fill_unlocks(apps, schema_editor):
    """The ledger line says what an unlock paid. The condition of today is the best that is known of the one then."""
    get_model, alias = lambda name: apps.get_model("gamification", name), schema_editor.connection.alias
    achievement = get_model("Achievement").objects.filter(pk=OuterRef("achievement"))
    identifier = get_model("Achievement").objects.filter(pk=OuterRef(OuterRef("achievement")))
    line = get_model("LedgerEntry").objects.filter(
        learner=OuterRef("learner"),
        reference_type="achievement",
        reference_id=Subquery(identifier.values("achievement_id")),
        reversal_of=None,
    )
    get_model("Unlock").objects.using(alias).update(
        condition=Subquery(achievement.values("condition")),
        xp_reward=Coalesce(Subquery(line.order_by().values("delta")[:1]), 0),
    )


def fill_awards(apps, schema_editor):
    """Who awarded by hand is known as the actor; all others were earned."""
    badge = apps.get_model("gamification", "Badge").objects.filter(pk=OuterRef("badge"))
    awards = apps.get_model("gamification", "BadgeAward").objects.using(schema_editor.connection.alias)
    awards.filter(actor=None).update(condition=Subquery(badge.values("condition")))


class Migration(migrations.Migration):
    dependencies = [("gamification", "0001_initial")]

    operations = [
        migrations.AddField(
            "unlock",
            "condition",
            gamification.conditions.fields.ConditionField(null=True),
        ),
        migrations.AddField("unlock", "xp_reward", models.PositiveIntegerField(null=True)),
        migrations.AddField(
            "badgeaward",
            "condition",
            gamification.conditions.fields.ConditionField(
                blank=True, help_text="Empty: it was awarded by hand.", null=True
            ),
        ),
        migrations.RunPython(fill_unlocks, migrations.RunPython.noop),
        migrations.RunPython(fill_awards, migrations.RunPython.noop),
        migrations.AlterField(
            "unlock",
            "condition",
            gamification.conditions.fields.ConditionField(help_text="The condition by which it was earned."),
        ),
        migrations.AlterField(
            "unlock",
            "xp_reward",
            models.PositiveIntegerField(help_text="What it paid when it was earned.", verbose_name="XP reward"),
        ),
    ]
