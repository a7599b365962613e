"""A search for “übung” finds “ÜBUNG”, on SQLite too.

SQLite's own LIKE ignores the case of the letters A to Z only. An application may replace the function behind LIKE, and
with it every search of Django that ignores case: `icontains`, `iexact`, the search fields of the admin.
"""

import re
from functools import lru_cache

from django.db.backends.base.base import BaseDatabaseWrapper


def fold_letters_on_sqlite(*, connection: BaseDatabaseWrapper, **_: object) -> None:
    """A receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        for arguments in (2, 3):  # without and with ESCAPE
            connection.connection.create_function("like", arguments, like, deterministic=True)


def like(pattern: object, value: object, escape: str = "") -> bool | None:
    """SQL's `value LIKE pattern ESCAPE escape`, ignoring case in every script; None (NULL) if one of them is."""
    if pattern is None or value is None:
        return None
    return compile_pattern(str(pattern), escape).fullmatch(str(value).casefold()) is not None


@lru_cache(maxsize=100)
def compile_pattern(pattern: str, escape: str) -> re.Pattern[str]:
    escaped = f"{re.escape(escape)}(?P<escaped>.)|" if escape else "(?P<escaped>(?!))|"
    tokens = re.compile(f"{escaped}(?P<any>%)|(?P<one>_)|(?P<letter>.)", re.DOTALL)
    return re.compile("".join(map(regex_of_token, tokens.finditer(pattern))), re.DOTALL)


def regex_of_token(token: re.Match[str]) -> str:
    if token["any"]:
        return ".*"
    if token["one"]:
        return "."
    return re.escape((token["escaped"] or token["letter"]).casefold())
