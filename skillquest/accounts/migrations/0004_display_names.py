import logging

from django.core.exceptions import ValidationError
from django.db import migrations, models

from skillquest.accounts.display_names import refuse_unreadable, tidy, username_skeleton

log = logging.getLogger(__name__)

BATCH = 1000  # rows
LONGEST = 80


def tidy_names(apps, schema_editor) -> None:
    """Names that nobody can read, or that are too long once tidied, give way to the neutral one."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    changed, removed = [], []
    for user in users.exclude(display_name="").only("pk", "display_name").order_by("pk").iterator(BATCH):
        name = readable(user.display_name)
        if name != user.display_name:
            removed += [] if name else [user.pk]
            user.display_name = name
            changed.append(user)
    users.bulk_update(changed, ["display_name"], batch_size=BATCH)
    if removed:
        log.warning("The display names of these users were not readable and are empty now: %s", removed)


def readable(name) -> str:
    try:
        refuse_unreadable(tidy(name))
    except ValidationError:
        return ""
    return tidy(name) if len(tidy(name)) <= LONGEST else ""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_email_unique_by_normal_form")]

    operations = [
        migrations.AlterField(
            "user", "display_name", models.CharField(blank=True, max_length=80, validators=[refuse_unreadable])
        ),
        migrations.RunPython(tidy_names, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex("user", models.Index(username_skeleton(), name="username_skeleton")),
    ]
