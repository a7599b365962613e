"""Create learners with many ledger entries each: `python -m benchmarks.ledger_size_data LEARNERS ENTRIES_OF_EACH`.

Set-based, with all triggers on. Prints the number of entries and of mismatches that the audit finds.
"""

import json
import sys

import django

XP_OF_A_LINE = 10


def make_ledger(learners: int, lines: int) -> None:
    """Create `lines` entries of 10 XP for each of `learners` learners, whose ids begin at a million."""
    from django.db import connection

    from benchmarks.leaderboards_data import fill
    from gamification.models import LearnerProfile, LedgerEntry, XPRuleSet
    from skillquest.accounts.models import User

    people = f"generate_series(1000001, {1_000_000 + learners}) AS n"
    each = f"{people}, generate_series(1, {lines}) AS line"
    total = str(lines * XP_OF_A_LINE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('accounts_user', 'id'), %s)", [2_000_000])
    fill(User, people, {"id": "n", "username": "'learner' || n", "password": "'!'", "date_joined": "now()"})
    fill(LearnerProfile, people, {"user_id": "n", "total_xp": total, "last_sequence": str(lines)})
    line = {
        "learner_id": "n",
        "sequence": "line",
        "delta": str(XP_OF_A_LINE),
        "reason": "'level_completion'",
        "reference_type": "'completion'",
        "reference_id": "n || '-' || line",
        "balance_after": f"line * {XP_OF_A_LINE}",
        "rule_version": str(XPRuleSet.objects.published().get().version),
        "metadata": '\'{"breakdown": [{"factor": "base", "value": 10}]}\'',
        "effective_at": "now() - line * interval '1 hour'",
        "created_at": "now() - line * interval '1 hour'",
        "note": "''",
        "subject": "'level:' || line %% 125",
    }
    fill(LedgerEntry, each, line)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def main() -> None:
    django.setup()
    from gamification.ledger.audit import find_mismatches
    from gamification.models import LedgerEntry

    learners, lines = map(int, sys.argv[1:])
    if learners:
        make_ledger(learners, lines)
    print(json.dumps({"lines": LedgerEntry.objects.count(), "mismatches": len(find_mismatches())}))


if __name__ == "__main__":
    main()
