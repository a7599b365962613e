"""For migrations: permissions that are new reach the groups and people of existing installations.

`groups.ensure_groups` makes the default groups once; whatever administrators change there stays. A migration gives each
group only permissions that did not exist before, so it takes nothing back and repeats no decision. A group that was
renamed or deleted is left alone. Each change is in the history of its group or person.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils import timezone

REASON = "New permissions of an upgrade"


class Right(NamedTuple):
    """A permission as `migrate` would create it afterwards; `words` are its name."""

    app: str
    model: str
    codename: str
    words: str

    @property
    def name(self) -> str:
        return f"{self.app}.{self.codename}"


def granting(
    to_groups: Mapping[str, Sequence[Right]], to_holders: Mapping[str, Sequence[Right]] | None = None
) -> Callable[[Any, Any], None]:
    """For `RunPython`: name of a group -> its new rights, and "app.codename" -> new rights of all who hold that one."""

    def grant(apps: Any, schema_editor: Any) -> None:
        rows = _Rows(apps, schema_editor.connection.alias)
        new_of_holders = [(_lookup(held), rights) for held, rights in (to_holders or {}).items()]
        for group in rows.of("auth", "Group").order_by("pk"):
            rights = [*to_groups.get(group.name, ()), *_by_holding(group.permissions, new_of_holders)]
            rows.give(group, "permissions", "HistoricalGroup", rights)
        for person in rows.of("accounts", "User").filter(user_permissions__isnull=False).distinct().order_by("pk"):
            rights = _by_holding(person.user_permissions, new_of_holders)
            rows.give(person, "user_permissions", "HistoricalUser", rights)

    return grant


def _lookup(name: str) -> dict[str, str]:
    app, codename = name.split(".")
    return {"content_type__app_label": app, "codename": codename}


def _by_holding(permissions: Any, new_of_holders: Sequence[tuple[dict[str, str], Sequence[Right]]]) -> list[Right]:
    return [right for held, rights in new_of_holders if permissions.filter(**held).exists() for right in rights]


class _Rows:
    """The models of a migration, on one database."""

    def __init__(self, apps: Any, alias: str) -> None:
        self.apps, self.alias = apps, alias

    def of(self, app: str, model: str) -> Any:
        return self.apps.get_model(app, model)._base_manager.using(self.alias)

    def give(self, row: Any, field: str, history: str, rights: Sequence[Right]) -> None:
        before = self._names(row, field)
        new = [right for right in rights if right.name not in before]
        if not new:
            return
        getattr(row, field).add(*map(self._permission, new))
        self._remember(row, history, {field: [before, self._names(row, field)]})

    def _permission(self, right: Right) -> Any:
        """Django creates the permissions of a model after all migrations, and finds this one then."""
        types = self.of("contenttypes", "ContentType")
        content_type, _ = types.get_or_create(app_label=right.app, model=right.model)
        permission, _ = self.of("auth", "Permission").get_or_create(
            content_type=content_type, codename=right.codename, defaults={"name": right.words}
        )
        return permission

    def _names(self, row: Any, field: str) -> list[str]:
        rows = getattr(row, field).order_by("pk").values_list("content_type__app_label", "codename")
        return [".".join(names) for names in rows]

    def _remember(self, row: Any, history: str, changes: dict[str, Any]) -> None:
        version = self.apps.get_model("accounts", history)
        kept = [field.attname for field in version._meta.concrete_fields if hasattr(row, field.attname)]
        version._base_manager.using(self.alias).create(
            history_date=timezone.now(),
            history_type="~",
            history_change_reason=REASON,
            changes=changes,
            **{name: getattr(row, name) for name in kept},
        )
