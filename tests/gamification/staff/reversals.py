"""What the tests of reversals share."""

from datetime import UTC, datetime

from django.urls import reverse

from gamification.models import Achievement, LearnerProfile
from tests.factories import StaffFactory, adjust

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
WHY = {"reason": "Not their score", "note": "Seen by two colleagues."}


def give(learner, amount, **options):
    options = {"reason": "A gift", "actor": StaffFactory(), "at": NOON, **options}
    return adjust(learner_id=learner.pk, amount=amount, **options)


def achievement(achievement_id, condition, xp_reward=50):
    return Achievement.objects.create(
        achievement_id=achievement_id,
        name=achievement_id.capitalize(),
        category="xp",
        xp_reward=xp_reward,
        condition=condition,
    )


def url(entry):
    return reverse("admin:gamification_ledgerentry_reverse", args=[entry.pk])


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp
