"""What the history says about a row."""

from change_history.querysets import history_of


def changes_of(row):
    """(kind, who, by what, what) of each change, oldest first."""
    rows = type(row).history.filter(id=row.pk).order_by("history_date", "history_id")
    return [(change.history_type, change.history_user_id, change.source, change.changes) for change in rows]


def what_changed(row):
    return [changes for _, _, _, changes in changes_of(row)]


def forget(*models):
    """What factories have made is not what a test is about."""
    for model in models:
        history_of(model).cls.history.all().delete()
