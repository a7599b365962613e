from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from skillquest.accounts.guests.devices import sweep_guests


class Command(BaseCommand):
    help = "Erase guests who have been idle for longer than GUEST_EXPIRE_AFTER days. Run it daily."

    def handle(self, **options: Any) -> None:
        erased = sum(1 for _ in sweep_guests(at=timezone.now()))
        self.stdout.write(f"{erased} guests erased.")
