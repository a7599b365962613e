from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tracking.maintenance.rebuilding import rebuild_profiles


class Command(BaseCommand):
    help = "Compute streaks, freezes and metrics of every learner anew from rows; total XP belongs to verify_ledger."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only report; exit 1 if anything differs")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        count = 0
        for found in rebuild_profiles(write=not dry_run, at=timezone.now()):
            count += 1
            self.stdout.write(f"learner {found.learner_id}: {found.field} {found.found} -> {found.derived}")
        if count and dry_run:
            raise CommandError(f"{count} numbers differ from what the rows say.")
        self.stdout.write(self.style.SUCCESS(f"{count} numbers put right." if count else "Every number is right."))
