"""Check of the whole ledger: total_xp = sum of deltas = balance after the last entry, and no chain has a gap.

verified_xp is the sum of the verified ones.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q, Sum
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry, Trust
from gamification.profiles.totals import save_totals

# A single statement sees a single snapshot: two would report false mismatches while learners play.
# A chain begins at sequence 1, or at the entry that carries an archived part forward.
MISMATCHES = """
    WITH chain AS (
        SELECT learner_id, sequence, delta, balance_after, trust,
            SUM(delta) OVER (PARTITION BY learner_id ORDER BY sequence) AS running_total,
            COALESCE(
                LAG(sequence) OVER (PARTITION BY learner_id ORDER BY sequence) + 1,
                CASE reason WHEN 'carried_forward' THEN sequence ELSE 1 END
            ) AS expected_sequence
        FROM xp_history
    ),
    ledger AS (
        SELECT learner_id, SUM(delta) AS ledger_total, MAX(sequence) AS ledger_sequence,
            SUM(CASE WHEN trust = 'verified' THEN delta ELSE 0 END) AS ledger_verified,
            SUM(CASE WHEN balance_after <> running_total OR sequence <> expected_sequence THEN 1 ELSE 0 END)
                AS broken_entries
        FROM chain GROUP BY learner_id
    )
    SELECT COALESCE(ledger.learner_id, profile.user_id), profile.total_xp, profile.verified_xp, profile.last_sequence,
        COALESCE(ledger_total, 0), COALESCE(ledger_verified, 0), COALESCE(ledger_sequence, 0),
        COALESCE(broken_entries, 0)
    FROM ledger FULL OUTER JOIN gamification_learnerprofile AS profile ON profile.user_id = ledger.learner_id
    WHERE COALESCE(ledger_total, 0) <> COALESCE(profile.total_xp, -1)
        OR COALESCE(ledger_verified, 0) <> COALESCE(profile.verified_xp, 0)
        OR COALESCE(ledger_sequence, 0) <> COALESCE(profile.last_sequence, -1)
        OR COALESCE(broken_entries, 0) > 0
    ORDER BY 1
"""


@dataclass(frozen=True)
class Mismatch:
    """A learner whose profile and ledger differ.

    `total_xp`, `verified_xp` and `last_sequence` are those of the profile, None where there is none.
    """

    learner_id: int
    total_xp: int | None
    verified_xp: int | None
    last_sequence: int | None
    ledger_total: int
    ledger_verified: int
    ledger_sequence: int
    broken_entries: int


def find_mismatches() -> list[Mismatch]:
    with connection.cursor() as cursor:
        cursor.execute(MISMATCHES)
        return [Mismatch(*map(_whole, row)) for row in cursor.fetchall()]


@transaction.atomic
def repair_totals(learner_id: int) -> None:
    """Set a learner's totals to what the ledger says, never the other way round. Broken entries stay as they are."""
    LearnerProfile.objects.of(learner_id)
    profile = LearnerProfile.objects.select_for_update(no_key=True).get(pk=learner_id)
    ledger = LedgerEntry.objects.filter(learner_id=learner_id).aggregate(
        total=Sum("delta", default=0),
        verified=Sum("delta", filter=Q(trust=Trust.VERIFIED), default=0),
        last=Max("sequence", default=0),
    )
    profile.total_xp, profile.verified_xp = ledger["total"], ledger["verified"]
    profile.last_sequence = ledger["last"]
    save_totals([profile], LearnerProfile.TOTALS_OF_LEDGER, at=timezone.now())


def _whole(value: Any) -> Any:
    # PostgreSQL sums bigints into Decimal.
    return None if value is None else int(value)
