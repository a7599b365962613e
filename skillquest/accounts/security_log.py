"""The log of security events: what happened to which user id, never a name, an address or a token."""

import json
import logging
from typing import Any

from change_history.context import actor

log = logging.getLogger("skillquest.security")

FLAGS = ("is_staff", "is_superuser")
LINKS = ("groups", "user_permissions", "permissions")
SIGN_IN_NAMES = ("username", "email")


def note(event: str, *, user_id: int | None, **details: object) -> None:
    """The line's format adds the request's id."""
    more = "".join(f" {name}={'-' if value is None else value}" for name, value in details.items())
    log.info("%s user=%s%s", event, "-" if user_id is None else user_id, more)


def note_rights(user: Any, changes: dict[str, list[Any]]) -> None:
    """Rights that a user gained or lost, and new names to sign in by, with who did it (nobody: a command)."""
    _note_gained_and_lost("rights_changed", changes, user_id=user.pk)
    names = [name for name in SIGN_IN_NAMES if changes.get(name, [None])[0] is not None]
    if names:
        note("names_changed", user_id=user.pk, by=_by(), fields=",".join(names))


def note_group_rights(group: Any, changes: dict[str, list[Any]]) -> None:
    _note_gained_and_lost("group_rights_changed", changes, user_id=None, group=group.pk)


def _note_gained_and_lost(event: str, changes: dict[str, list[Any]], **whose: Any) -> None:
    gained, lost = (_rights(changes, side) - _rights(changes, 1 - side) for side in (1, 0))
    if gained or lost:
        # As JSON: the name of a group may contain anything.
        note(event, **whose, by=_by(), gained=json.dumps(sorted(gained)), lost=json.dumps(sorted(lost)))


def _rights(changes: dict[str, list[Any]], side: int) -> set[str]:
    flags = {name for name in FLAGS if changes.get(name, [None, None])[side]}
    return flags | {one for name in LINKS for one in changes.get(name, [None, None])[side] or []}


def _by() -> int | None:
    return getattr(actor(), "pk", None)
