"""Files that a member of staff has uploaded and not imported yet: one for each model that has an import."""

from django.contrib import admin
from django.utils import timezone

from exchange.admin import ImportAdmin
from exchange.services import upload
from tests.exchange.importing import as_csv

# One new row for each kind of import.
ROWS = {
    "levels": {"level_id": "imported", "name": "Imported", "category": "testing"},
    "achievements": {
        "achievement_id": "imported",
        "name": "Imported",
        "category": "testing",
        "condition": '{"type": "xp", "threshold": 100000000}',
    },
    "badges": {"name": "Imported"},
    "people": {"username": "imported", "email": "", "display_name": "", "external_id": ""},
}


def make_imports(actor, more_rows=()):
    """Model -> the import of a file with one new row, and those of `more_rows` by kind."""
    return {
        model: import_of(model_admin.resource_class, actor, dict(more_rows))
        for model, model_admin in admin.site._registry.items()
        if isinstance(model_admin, ImportAdmin)
    }


def import_of(resource_class, actor, more_rows):
    rows = [ROWS[resource_class.kind], *more_rows.get(resource_class.kind, [])]
    at = timezone.now()
    return upload(resource=resource_class(actor=actor, at=at), file_name="rows.csv", content=as_csv(rows), at=at)
