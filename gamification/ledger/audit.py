"""Proof that the books are right: total_xp = sum of deltas = balance after the last line, and every chain unbroken."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max, Sum
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry
from gamification.profiles.totals import save_totals

# One statement, so one snapshot: two statements find false mismatches while learners play.
# A chain begins at sequence 1, or at the line that carries an archived part forward.
MISMATCHES = """
    WITH chain AS (
        SELECT learner_id, sequence, delta, balance_after,
            SUM(delta) OVER (PARTITION BY learner_id ORDER BY sequence) AS running_total,
            COALESCE(
                LAG(sequence) OVER (PARTITION BY learner_id ORDER BY sequence) + 1,
                CASE reason WHEN 'carried_forward' THEN sequence ELSE 1 END
            ) AS expected_sequence
        FROM xp_history
    ),
    books AS (
        SELECT learner_id, SUM(delta) AS ledger_total, MAX(sequence) AS ledger_sequence,
            SUM(CASE WHEN balance_after <> running_total OR sequence <> expected_sequence THEN 1 ELSE 0 END)
                AS broken_lines
        FROM chain GROUP BY learner_id
    )
    SELECT COALESCE(books.learner_id, profile.user_id), profile.total_xp, profile.last_sequence,
        COALESCE(ledger_total, 0), COALESCE(ledger_sequence, 0), COALESCE(broken_lines, 0)
    FROM books FULL OUTER JOIN gamification_learnerprofile AS profile ON profile.user_id = books.learner_id
    WHERE COALESCE(ledger_total, 0) <> COALESCE(profile.total_xp, -1)
        OR COALESCE(ledger_sequence, 0) <> COALESCE(profile.last_sequence, -1)
        OR COALESCE(broken_lines, 0) > 0
    ORDER BY 1
"""


@dataclass(frozen=True)
class Mismatch:
    """A learner whose books differ; `total_xp` and `last_sequence` are the profile's (None without one)."""

    learner_id: int
    total_xp: int | None
    last_sequence: int | None
    ledger_total: int
    ledger_sequence: int
    broken_lines: int


def find_mismatches() -> list[Mismatch]:
    with connection.cursor() as cursor:
        cursor.execute(MISMATCHES)
        return [Mismatch(*map(_whole, row)) for row in cursor.fetchall()]


@transaction.atomic
def repair_totals(learner_id: int) -> None:
    """Set a learner's totals to what the ledger says; never the other way round. Broken lines stay as they are."""
    LearnerProfile.objects.of(learner_id)
    profile = LearnerProfile.objects.select_for_update(no_key=True).get(pk=learner_id)
    books = LedgerEntry.objects.filter(learner_id=learner_id).aggregate(total=Sum("delta"), last=Max("sequence"))
    profile.total_xp, profile.last_sequence = books["total"] or 0, books["last"] or 0
    save_totals([profile], ["total_xp", "last_sequence"], at=timezone.now())


def _whole(value):
    # PostgreSQL sums bigints into Decimal.
    return None if value is None else int(value)
