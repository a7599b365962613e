from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from exchange.services import discard_old


class Command(BaseCommand):
    help = "Delete files that staff uploaded more than a day ago and did not import. Run it daily."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{discard_old(at=timezone.now())} imports discarded.")
