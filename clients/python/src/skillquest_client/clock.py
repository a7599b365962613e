"""The difference between this device's clock and the server's, learned from every answer."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime


class Clock:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        # Seconds that this device's clock is behind the server's; None before the first answer.
        self.offset: float | None = None

    def learn(self, date_header: str | None, *, sent_at: float) -> None:
        """From the header `Date`, which is in whole seconds: cut off, so half a second early on average."""
        try:
            server = parsedate_to_datetime(date_header or "").timestamp() + 0.5
        except ValueError:
            return
        found = server - (sent_at + self.now()) / 2
        # Smaller differences are those of whole seconds: following them would change the order of events.
        if self.offset is None or abs(found - self.offset) > 1:
            self.offset = found


def as_text(moment: float) -> str:
    """In the form of the API, in UTC."""
    at = datetime.fromtimestamp(0, timezone.utc) + timedelta(seconds=moment)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(moment: datetime) -> float:
    if moment.tzinfo is None:
        raise ValueError("A time needs a time zone, such as datetime.now(timezone.utc).")
    return moment.timestamp()
