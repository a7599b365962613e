"""The users of `load_demo`, whose passwords everybody can read in the source code."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from skillquest.accounts.models import User
from skillquest.pages.management.commands.load_demo import PASSWORDS


@checks.register(checks.Tags.database, deploy=True)
def check_demo_people(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"The user {user.username} can sign in to database {alias!r} with a public password.",
            hint="Deactivate the user in the admin.",
            id="skillquest.E007",
        )
        for alias in databases or []
        for user in demo_people(alias)
    ]


def demo_people(alias: str) -> list[User]:
    if User._meta.db_table not in connections[alias].introspection.table_names():
        return []
    active = User.objects.using(alias).filter(username__in=PASSWORDS, is_active=True).order_by("username")
    return [user for user in active if user.check_password(PASSWORDS[user.username])]
