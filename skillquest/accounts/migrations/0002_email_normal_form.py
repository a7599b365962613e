import logging

from django.db import migrations, models

from skillquest.accounts.email_addresses import normal_form

log = logging.getLogger(__name__)

BATCH = 1000  # rows


def fill_in(apps, schema_editor) -> None:
    """The oldest of several accounts with one mailbox keeps it; the others get NULL and must sign in by username."""
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    taken, batch, without_mailbox = set(), [], []
    for user in users.exclude(email="").only("pk", "email").order_by("pk").iterator(BATCH):
        form = normal_form(user.email)
        user.email_normal_form = None if form in taken else form
        if form in taken:
            without_mailbox.append(user.pk)
        taken.add(form)
        batch.append(user)
        if len(batch) == BATCH:
            users.bulk_update(batch, ["email_normal_form"])
            batch = []
    users.bulk_update(batch, ["email_normal_form"])
    report(without_mailbox)


def report(user_ids) -> None:
    if user_ids:
        numbers = ", ".join(map(str, user_ids))
        log.warning("These users have the mailbox of an older account and now sign in by username only: %s", numbers)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("user", "email_normal_form", models.TextField(default="", editable=False, null=True)),
        migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=True),
    ]
