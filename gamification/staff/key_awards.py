"""XP that a server gives or takes with a key: no second person is asked, but a key has a limit for each UTC day."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from gamification.awards.adjustments import Adjusted, adjust_xp
from gamification.errors import KeyAwardsUsedUp
from gamification.models import KeyAwards
from hotsql.writes import insert_if_absent


class AwardingKey(Protocol):
    prefix: str
    family: UUID


@transaction.atomic
def award_by_key(
    key: AwardingKey,
    *,
    learner_id: int,
    amount: int,
    reason: str,
    at: datetime,
    note: str = "",
    reference_id: str = "",
    metadata: dict[str, Any] | None = None,
) -> Adjusted:
    """Adjust XP; the note names the key. Raise KeyAwardsUsedUp, or what `adjust_xp` raises."""
    signed = "\n".join(filter(None, [f"By server key {key.prefix}.", note]))
    what = {"learner_id": learner_id, "amount": amount, "reason": reason, "note": signed, "metadata": metadata}
    adjusted = adjust_xp(**what, reference_id=reference_id, actor=None, at=at)
    if adjusted.is_new:
        _use_up(key, abs(amount), at)
    return adjusted


def _use_up(key: AwardingKey, amount: int, at: datetime) -> None:
    """The row is locked after the profile, and by nothing else: awards of one key wait here for one another."""
    day = KeyAwards(family=key.family, date=at.date())
    insert_if_absent(day, conflict="(family, date)")
    rest = settings.SERVER_KEY_AWARD_PER_DAY - amount
    # The database compares after it has waited, so that no two awards use the same rest.
    open_days = KeyAwards.objects.filter(family=day.family, date=day.date, xp__lte=rest)
    if not open_days.update(xp=F("xp") + amount):
        raise KeyAwardsUsedUp
