from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Q
from django.utils import timezone

from tracking.models import IdempotencyKey


class Command(BaseCommand):
    help = "Delete kept answers older than 30 days. Run it daily."

    def handle(self, **options: Any) -> None:
        oldest = timezone.now() - settings.IDEMPOTENCY_KEY_LIFETIME
        # Also what a last start of a session may have left behind while its learner was being erased.
        useless = Q(created_at__lt=oldest) | Q(user__profile__erased_at__isnull=False)
        deleted, _ = IdempotencyKey.objects.filter(useless).delete()
        self.stdout.write(f"{deleted} kept answers deleted.")
