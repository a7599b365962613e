from django.db import migrations, models

from hotsql.indexing import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # CONCURRENTLY

    dependencies = [("accounts", "0013_analysts_view_analytics")]

    operations = [
        AddIndexBesideWriters("user", models.Index(fields=["date_joined"], name="people_by_joining")),
        AddIndexBesideWriters(
            "user", models.Index(fields=["-id"], condition=models.Q(is_staff=True), name="people_on_staff")
        ),
        AddIndexBesideWriters(
            "user", models.Index(fields=["-id"], condition=models.Q(is_superuser=True), name="superusers")
        ),
        AddIndexBesideWriters(
            "user", models.Index(fields=["-id"], condition=models.Q(is_active=False), name="people_deactivated")
        ),
    ]
