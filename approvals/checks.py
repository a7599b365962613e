"""`manage.py check --database default`: requests that nobody could approve."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.core import checks
from django.db import connections
from django.db.models import Q

from .registry import kinds
from .services import second_person_is_needed


@checks.register(checks.Tags.database)
def check_deciders(*, databases: Iterable[str] | None = None, **_: object) -> list[checks.CheckMessage]:
    return [
        checks.Warning(
            f"Only one active person may decide about requests that take {permissions}: what they ask for waits.",
            hint="Give the permissions to a second person, or switch approvals off (XP_APPROVAL_ABOVE).",
            obj=alias,
            id="approvals.W001",
        )
        for alias in databases or []
        if (permissions := ", ".join(_held_by_one(alias)))
    ]


def _held_by_one(alias: str) -> list[str]:
    """Permissions to decide that exactly one person has; nobody asks where nobody has them."""
    has_tables = "auth_permission" in connections[alias].introspection.table_names()
    if not has_tables or not second_person_is_needed():
        return []
    return [name for name in sorted({kind.permission for kind in kinds()}) if _count_deciders(name, alias) == 1]


def _count_deciders(permission: str, alias: str) -> int:
    app, codename = permission.split(".")
    given = {"content_type__app_label": app, "codename": codename}
    has_it = (
        Q(is_superuser=True)
        | Q(**{f"user_permissions__{name}": value for name, value in given.items()})
        | Q(**{f"groups__permissions__{name}": value for name, value in given.items()})
    )
    people = get_user_model()._default_manager.using(alias).filter(has_it, is_active=True, is_staff=True)
    number: int = people.distinct().count()
    return number
