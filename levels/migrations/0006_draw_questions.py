"""Give each question a random place, from which plays draw."""

import random

from django.db import migrations, models
from django.db.models.functions import Random


def give_places(apps, schema_editor):
    apps.get_model("levels", "Question").objects.using(schema_editor.connection.alias).update(draw_key=Random())


class Migration(migrations.Migration):
    dependencies = [("levels", "0005_questions")]

    operations = [
        migrations.AddField(
            model_name="question",
            name="draw_key",
            field=models.FloatField(
                default=random.random,
                db_default=0.5,
                editable=False,
                help_text="From 0 to 1: plays draw from any place in this order.",
            ),
        ),
        migrations.RunPython(give_places, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="question",
            index=models.Index(fields=["level", "published", "draw_key"], name="questions_to_draw"),
        ),
        migrations.AlterField(
            model_name="question",
            name="level",
            field=models.ForeignKey(
                db_index=False, on_delete=models.deletion.CASCADE, related_name="questions", to="levels.level"
            ),
        ),
    ]
