"""Print, for every learner, what the ledger says and whether it adds up: `python -m benchmarks.books`."""

import json

import django
from django.db.models import Count, Max, Min, Q, Sum


def read():
    from gamification.ledger.audit import find_mismatches
    from gamification.models import LearnerProfile
    from tracking.models import Completion

    completions = dict(Completion.objects.order_by().values_list("learner__username").annotate(Count("id")))
    profiles = LearnerProfile.objects.annotate(
        lines=Count("user__ledger"),
        # What a completion paid; achievements and bonuses have lines of their own.
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
                # Unique sequences from 1 to the number of lines leave no room for a gap.
                "gapless": (profile.first, profile.last) in {(1, profile.lines), (None, None)},
            }
            for profile in profiles
        },
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(read()))
