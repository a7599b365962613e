"""Finding people by how a name, an e-mail address or an id of theirs begins, among any number of people.

Every way has an index of its own, which is read in its order and only as far as needed. Parts of names inside a name
are not found: that would take the extension pg_trgm, which managed servers may lack, and which SQLite has not.
"""

from collections.abc import Iterator

from django.db.models import CharField, F, Func, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from catalogues.searching import number_in

from .display_names import skeleton
from .email_addresses import fold, normal_form

LAST = "\U0010ffff"  # sorts after every other character


class Bytewise(Func):
    """Compared by code points, as beginnings have to be; SQLite always does, PostgreSQL by the collation "C".

    The indexes on PostgreSQL are made in the migration `0011_find_people`; SQLite uses those of the unique constraints.
    """

    template = "%(expressions)s"
    arity = 1

    def as_postgresql(self, compiler, connection, **options) -> tuple[str, list]:
        return self.as_sql(compiler, connection, template='(%(expressions)s COLLATE "C")', **options)


def keys_of_people_like(text: str, limit: int, *, people: QuerySet) -> QuerySet:
    """The keys of those of `people` of whom something begins with `text`; `limit` at most by each way to find them."""
    text = text.strip()
    found = [
        people.alias(key=Bytewise(column, output_field=CharField()))
        .filter(condition, key__gte=beginning, key__lt=beginning + LAST)
        .order_by("key")
        for column, beginning, condition in ways_to_find(text)
        if beginning
    ]
    if (number := number_in(text)) is not None:
        found.append(people.filter(pk=number))
    if not found:
        return people.none().values("pk")
    # SQLite cuts no part of a union to a length, but a query inside a part.
    parts = [people.filter(pk__in=rows.values("pk")[:limit]).order_by().values("pk") for rows in found]
    return parts[0].union(*parts[1:], all=True)


def ways_to_find(text: str) -> Iterator[tuple[Combinable, str, Q]]:
    """(column, how it has to begin, the condition of its index)."""
    yield Lower("username"), fold(text), Q()
    yield F("email_normal_form"), normal_form(text), Q(email_normal_form__gt="")
    yield F("external_id"), text, Q(external_id__isnull=False)
    for beginning in beginnings_of_skeletons(text):
        yield F("display_name_skeleton"), beginning, Q(display_name_skeleton__gt="")


def beginnings_of_skeletons(text: str) -> list[str]:
    """How the skeletons of names that begin with `text` begin: the next letter may make an "m" of its last "r"."""
    key = skeleton(text)
    return [key, f"{key[:-1]}m"] if key.endswith("r") else [key]
