from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0010_check_ins")]

    operations = [
        migrations.AddField(
            model_name="completion",
            name="paid_before",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="How often it was paid before a merge of accounts held it: each payment has a reference "
                "of its own.",
            ),
        ),
    ]
