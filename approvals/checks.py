"""`manage.py check --database default`: requests that nobody could approve."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.core import checks
from django.db import connections
from django.db.models import Q

from .registry import kinds


@checks.register(checks.Tags.database)
def check_deciders(*, databases: Iterable[str] | None = None, **_: object) -> list[checks.CheckMessage]:
    return [
        checks.Warning(
            f"Only one active person has the permission {permission}, so what they ask for waits for ever.",
            hint="Give it to a second person, or raise XP_APPROVAL_ABOVE.",
            obj=alias,
            id="approvals.W001",
        )
        for alias in databases or []
        if "auth_permission" in connections[alias].introspection.table_names()
        for permission in sorted({kind.permission for kind in kinds()})
        if _count_deciders(permission, alias) == 1
    ]


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
