"""Who has earned XP from what a request for approval is about."""

from datetime import datetime

from approvals.registry import register_earnings
from gamification.models import LedgerEntry


@register_earnings
def has_earned(subject: str, person_id: int, since: datetime) -> bool:
    """`subject` is a level as ledger entries name it ("level:12"), or an achievement ("achievement:first-steps")."""
    entries = LedgerEntry.objects.filter(learner=person_id, delta__gt=0, created_at__gt=since)
    kind, _, name = subject.partition(":")
    if kind == LedgerEntry.ACHIEVEMENT_REFERENCE:
        return entries.filter(reference_type=kind, reference_id=name).exists()
    return entries.filter(subject=subject).exists()
