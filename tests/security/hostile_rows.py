"""One text in every row of the world in which people or staff can store a text."""

from django.contrib.auth.models import Group
from django.db import connection

from exchange.models import ImportRow
from gamification.ledger import triggers
from jobs.models import Job
from skillquest.accounts.models import User

from .stored_texts import TEXTS, note_in_admin, record_change


def store_everywhere(world, text):
    """But not in the row of the superuser, whose name is on every page."""
    staff = world.people["superuser"].user
    with triggers.maintenance_mode(connection):
        for model, texts in TEXTS.items():
            for row in model._base_manager.exclude(pk=staff.pk if model is User else None):
                values = {name: stored_value(row, name, make, text) for name, make in texts.items()}
                model._base_manager.filter(pk=row.pk).update(**values)
        for group in Group.objects.all():
            Group.objects.filter(pk=group.pk).update(name=unique(group, text, 150))
    for row in world.rows.values():
        row.refresh_from_db()
        note_in_admin(row, text, staff)
        record_change(row, text)


def stored_value(row, name, make, text):
    if isinstance(row, Job) and name == "params":  # each kind of job has its own
        return {key: text if isinstance(value, str) else value for key, value in row.params.items()}
    if isinstance(row, ImportRow) and name == "changes":  # of the columns of its file
        return {key: [old, text if isinstance(new, str) else new] for key, (old, new) in row.changes.items()}
    return make(text) if make else unique(row, text, row._meta.get_field(name).max_length)


def unique(row, text, limit):
    return f"{text}{row.pk}"[:limit]
