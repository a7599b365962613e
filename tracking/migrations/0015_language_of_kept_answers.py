from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0014_reviews_keep_their_answer")]

    operations = [
        migrations.AddField(
            model_name="idempotencykey",
            name="language",
            field=models.CharField(db_default="en", default="en", help_text="Of the body.", max_length=10),
        ),
    ]
