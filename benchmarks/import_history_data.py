"""What `benchmarks.import_history` asks about a database: `python -m benchmarks.import_history_data WHAT`."""

import json
import sys
import time

import django

PORTION = 1_000


def progress() -> dict:
    from skillquest.moving.models import ImportRun

    run = ImportRun.objects.filter(finished_at=None).first()
    return {"rows_done": run.rows_done if run else 0}


def state() -> dict:
    """What is there, and whether it adds up."""
    from django.utils import timezone

    from gamification.ledger.audit import find_mismatches
    from skillquest.moving.models import ImportedRow, StaleTotals
    from skillquest.moving.reports import count_totals
    from tracking.maintenance.rebuilding import rebuild_profiles

    return {
        **vars(count_totals()),
        "imported_rows": ImportedRow.objects.count(),
        "mismatches": len(find_mismatches()),
        "wrong_totals": sum(1 for _ in rebuild_profiles(write=False, at=timezone.now())),
        "stale": StaleTotals.objects.count(),
    }


def plain(rows: int) -> dict:
    """Completions by `bulk_create`, a portion a transaction."""
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.utils import timezone

    from gamification.models import LearnerProfile
    from levels.models import Level
    from tracking.models import Completion

    person, level, at = get_user_model().objects.create(username="plain"), Level.objects.first(), timezone.now()
    LearnerProfile.objects.create(user=person)
    values = {"difficulty": level.difficulty, "level_type": level.kind, "category": level.category, "source": "import"}
    times = {"occurred_at": at, "created_at": at}
    began = time.perf_counter()
    for _ in range(0, rows, PORTION):
        with transaction.atomic():
            Completion.objects.bulk_create(
                Completion(
                    learner=person, level=level, score=1, max_score=1, passed=True, perfect=True, **values, **times
                )
                for _ in range(PORTION)
            )
    return {"per_second": round(rows / (time.perf_counter() - began))}


def main() -> None:
    django.setup()
    what, *numbers = sys.argv[1:]
    answers = {"progress": progress, "state": state, "plain": plain}
    print(json.dumps(answers[what](*map(int, numbers))))


if __name__ == "__main__":
    main()
