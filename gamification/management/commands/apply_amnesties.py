from django.core.management.base import BaseCommand
from django.utils import timezone

from gamification.staff.amnesties import apply_amnesties


class Command(BaseCommand):
    help = "Write the pardoned days of amnesties that learners do not have yet. Safe to stop and repeat."

    def handle(self, **options: object) -> None:
        self.stdout.write(f"{apply_amnesties(at=timezone.now())} learners have their pardoned days.")
