from django.db import migrations, models
from django.db.models import Q

from skillquest.accounts.display_names import skeleton

BATCH = 1000  # rows


def derive_skeletons(apps, schema_editor) -> None:
    users = apps.get_model("accounts", "User")._base_manager.using(schema_editor.connection.alias)
    named = users.exclude(display_name="").only("pk", "display_name").order_by("pk")
    last = 0
    while batch := list(named.filter(pk__gt=last)[:BATCH]):
        for user in batch:
            user.display_name_skeleton = skeleton(user.display_name)
        users.bulk_update(batch, ["display_name_skeleton"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_history")]

    operations = [
        migrations.AddField(
            "user", "display_name_skeleton", models.TextField(db_default="", default="", editable=False)
        ),
        migrations.RunPython(derive_skeletons, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            "user",
            models.Index(
                fields=["display_name_skeleton"],
                condition=Q(display_name_skeleton__gt=""),
                name="display_name_skeleton",
            ),
        ),
    ]
