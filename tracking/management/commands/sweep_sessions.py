from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tracking.models import LearningSession


class Command(BaseCommand):
    help = "Mark sessions abandoned that were open for longer than SESSION_MAX_HOURS. Run it hourly."

    def handle(self, **options: Any) -> None:
        stale = LearningSession.objects.stale(timezone.now())
        swept = stale.update(status=LearningSession.Status.ABANDONED)
        self.stdout.write(f"{swept} stale sessions abandoned.")
