"""The clock of a client may be wrong: the times that it reports are shifted by the difference to the server's clock.

Whoever lies about `sent_at` gains nothing: the same moment could have been reported as `occurred_at` without it. The
shifted time has to be within the same window, and decides the trust of a result.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.conf import settings

from .completions import Claim

NO_SHIFT = timedelta(0)
EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def clock_shift(sent_at: datetime | None, at: datetime) -> timedelta:
    """By how much a client's clock is behind ours, whole seconds; none where it is nearly right or not known."""
    if sent_at is None or abs(at - sent_at) <= settings.CLOCK_TOLERANCE:
        return NO_SHIFT
    return timedelta(seconds=round((at - sent_at).total_seconds()))


def shift_moment(moment: datetime, shift: timedelta) -> datetime:
    try:
        return moment + shift
    except OverflowError:
        return LATEST if shift > NO_SHIFT else EARLIEST


def shift_claim(claim: Claim, shift: timedelta) -> Claim:
    """A result without a time happened now, whatever the client's clock says."""
    if claim.occurred_at is None or not shift:
        return claim
    return replace(claim, occurred_at=shift_moment(claim.occurred_at, shift))
