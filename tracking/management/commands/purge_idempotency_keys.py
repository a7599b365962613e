from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from tracking.models import IdempotencyKey


class Command(BaseCommand):
    help = "Delete kept answers older than 30 days. Run it daily."

    def handle(self, **options):
        oldest = timezone.now() - settings.IDEMPOTENCY_KEY_LIFETIME
        deleted, _ = IdempotencyKey.objects.filter(created_at__lt=oldest).delete()
        self.stdout.write(f"{deleted} kept answers deleted.")
