"""Print the ledger totals of every learner and whether they add up: `python -m benchmarks.ledger_report`."""

import json

import django
from django.db.models import Count, Max, Min, Q, Sum


def read() -> dict:
    from gamification.ledger.audit import find_mismatches
    from gamification.models import LearnerProfile
    from tracking.models import Completion

    completions = dict(Completion.objects.order_by().values_list("learner__username").annotate(Count("id")))
    profiles = LearnerProfile.objects.annotate(
        entries=Count("user__ledger"),
        # Entries of completions only; achievements and bonuses have entries of their own.
        awards=Count("user__ledger", filter=Q(user__ledger__reference_type="completion")),
        ledger_total=Sum("user__ledger__delta", default=0),
        first=Min("user__ledger__sequence"),
        last=Max("user__ledger__sequence"),
    ).select_related("user")
    return {
        "mismatches": len(find_mismatches()),
        "events": [
            str(event)
            for event in Completion.objects.exclude(client_event_id=None).values_list("client_event_id", flat=True)
        ],
        "learners": {
            profile.user.username: {
                "id": profile.pk,
                "completions": completions.get(profile.user.username, 0),
                "awards": profile.awards,
                "total_xp": profile.total_xp,
                "total_minus_ledger": profile.total_xp - profile.ledger_total,
                # Sequence numbers are unique, so from 1 to the number of entries there can be no gap.
                "gapless": (profile.first, profile.last) in {(1, profile.entries), (None, None)},
            }
            for profile in profiles
        },
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(read()))
