from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics.rolling.jobs import start_rolling_up


class Command(BaseCommand):
    help = "Start a job that brings the figures of analytics up to date. Run it hourly."

    def handle(self, **options: Any) -> None:
        job = start_rolling_up(at=timezone.now())
        self.stdout.write(f"Job {job.pk} rolls up what is new.")
