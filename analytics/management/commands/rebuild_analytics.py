from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from analytics.rolling.jobs import start_rolling_up


class Command(BaseCommand):
    help = "Start a job that makes all figures of analytics again from what happened; the old ones are shown meanwhile."

    def handle(self, **options: Any) -> None:
        job = start_rolling_up(at=timezone.now(), everything=True)
        self.stdout.write(f"Job {job.pk} rolls up everything; see its progress in the admin, under Jobs.")
