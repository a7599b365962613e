"""`manage.py check --database default`."""

from collections.abc import Iterable

from django.core import checks
from django.db import connections


@checks.register(checks.Tags.database)
def check_letters(*, databases: Iterable[str] | None = None, **_: object) -> list[checks.CheckMessage]:
    """On PostgreSQL, the locale of the database decides which letters have a small and a capital form."""
    return [
        checks.Warning(
            "Searches ignore the case of the letters A to Z only.",
            hint="Create the database with a UTF-8 locale: CREATE DATABASE … TEMPLATE template0 LOCALE 'C.UTF-8'.",
            obj=alias,
            id="skillquest.W001",
        )
        for alias in databases or []
        if not folds_letters(alias)
    ]


def folds_letters(alias: str) -> bool:
    if connections[alias].vendor != "postgresql":
        return True
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT upper('ü')")
        return cursor.fetchone() == ("Ü",)
