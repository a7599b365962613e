"""INSERT … ON CONFLICT DO NOTHING with a named target: the unique constraint decides who was first.

Django's `bulk_create(ignore_conflicts=True)` swallows every other violation too, and does not say what went in.
"""

from django.db import connection, models


def insert_if_absent(row: models.Model, *, conflict: str) -> bool:
    """Insert `row` and set its primary key; False when a row with the same `conflict` key was there first.

    `conflict` is the target as in SQL: the columns of a unique constraint and, for a partial one, its WHERE.
    Another transaction that is about to insert the same key is waited for.
    """
    inserted = insert_absent([row], conflict=conflict, returning="id")
    if not inserted:
        return False
    row.pk, row._state.adding = inserted[0], False
    return True


def insert_absent(rows: list[models.Model], *, conflict: str, returning: str) -> list:
    """Insert those of `rows` (of one model) that are not there yet; the column `returning` of each that went in."""
    model = rows[0]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
    # Names come from our models and code; only values come from people.
    statement = f"""
        INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({columns})
        VALUES {places} ON CONFLICT {conflict} DO NOTHING RETURNING {returning}
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [value for (value,) in cursor.fetchall()]
