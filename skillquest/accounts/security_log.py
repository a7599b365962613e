"""The log of security events: what happened to which user id, never a name, an address or a token."""

import logging

log = logging.getLogger("skillquest.security")


def note(event: str, *, user_id: int | None) -> None:
    """The line's format adds the request's id."""
    log.info("%s user=%s", event, "-" if user_id is None else user_id)
