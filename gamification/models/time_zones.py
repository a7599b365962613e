"""Time zones by the names that are stored for learners."""

import logging
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

logger = logging.getLogger(__name__)


@cache
def find_zone(name: str) -> ZoneInfo | None:
    """None where the time zone database of this machine does not know the name (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a directory, such as "America"
        return None


@cache  # so that each process logs an unknown name once
def zone_named(name: str) -> ZoneInfo:
    """UTC instead of an unknown zone, so that a stored name never makes a request fail."""
    zone = find_zone(name)
    if zone is None:
        logger.error("Unknown time zone %r: its learners get the dates of UTC. See `check --database default`.", name)
        return ZoneInfo("UTC")
    return zone
