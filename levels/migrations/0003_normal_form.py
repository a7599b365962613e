from django.db import migrations

from catalogues.texts import normal_form

TEXTS = {
    "Level": ["name", "description", "category", "unit", "estimated_time", "skills", "tags"],
    "Section": ["title"],
    "Unit": ["title"],
}


def store_in_normal_form(apps, _schema_editor):
    for model_name, fields in TEXTS.items():
        rows = apps.get_model("levels", model_name).objects
        for row in rows.iterator():
            texts = {field: normal_form(getattr(row, field)) for field in fields}
            if texts == {field: getattr(row, field) for field in fields}:
                continue
            # Two levels may have had one name in two spellings, and names are unique.
            if "name" in texts and rows.filter(name=texts["name"]).exclude(pk=row.pk).exists():
                texts["name"] = f"{texts['name'][:97]} ({row.level_id})"
            rows.filter(pk=row.pk).update(**texts)


class Migration(migrations.Migration):
    dependencies = [
        ("levels", "0002_level_changes"),
    ]

    operations = [
        migrations.RunPython(store_in_normal_form, migrations.RunPython.noop, elidable=True),
    ]
