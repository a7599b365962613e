from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Q
from django.utils import timezone

from gamification.models import DayUsage
from gamification.staff import delete_old_previews
from tracking.models import IdempotencyKey
from tracking.staff.rule_trials.retention import delete_old_trials

SLACK = timedelta(days=2)  # of time zones


class Command(BaseCommand):
    help = (
        "Delete kept answers older than 30 days, usage of limits that no result can add to, "
        "and trials of rules and previews of amnesties older than 90 days. Run it daily."
    )

    def handle(self, **options: Any) -> None:
        at = timezone.now()
        oldest = at - settings.IDEMPOTENCY_KEY_LIFETIME
        # Also what a last start of a session may have left behind while its learner was being erased.
        useless = Q(created_at__lt=oldest) | Q(user__profile__erased_at__isnull=False)
        deleted, _ = IdempotencyKey.objects.filter(useless).delete()
        self.stdout.write(f"{deleted} kept answers deleted.")
        # A session may have begun before the oldest result that is accepted.
        last = (at - settings.EVENT_MAX_AGE - settings.SESSION_MAX_AGE - SLACK).date()
        deleted, _ = DayUsage.objects.filter(date__lt=last).delete()
        self.stdout.write(f"{deleted} days of usage of limits deleted.")
        self.stdout.write(f"{delete_old_previews(at=at)} previews of amnesties deleted.")
        self.stdout.write(f"{delete_old_trials(at=at)} trials of rules deleted.")
