from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from gamification.ledger.audit import find_mismatches, repair_totals
from gamification.ledger.protection import find_problems
from gamification.models import LearnerProfile


class Command(BaseCommand):
    help = (
        "Check for every learner that total XP = sum of ledger entries = last balance, and that the database still "
        "protects the ledger; exit 1 if not."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--repair", action="store_true", help="rebuild totals from the ledger, then verify again")

    def handle(self, *, repair, **options) -> None:
        problems = find_problems(connection)
        for problem in problems:
            self.stdout.write(f"{problem.msg} {problem.hint}")
        mismatches = find_mismatches()
        self._report(mismatches)
        if repair and mismatches:
            for mismatch in mismatches:
                repair_totals(mismatch.learner_id)
            self.stdout.write(f"{len(mismatches)} learners' totals rebuilt from the ledger.")
            mismatches = find_mismatches()
            self._report(mismatches)
        if mismatches:
            raise CommandError(f"{len(mismatches)} learners differ.")
        if problems:
            raise CommandError("The totals agree, but the database does not protect the ledger.")
        self.stdout.write(
            self.style.SUCCESS(f"The ledger agrees with the totals of all {LearnerProfile.objects.count()} learners.")
        )

    def _report(self, mismatches) -> None:
        for found in mismatches:
            self.stdout.write(
                f"learner {found.learner_id}: profile {found.total_xp} XP ({found.verified_xp} verified) "
                f"at entry {found.last_sequence}, "
                f"ledger {found.ledger_total} XP ({found.ledger_verified} verified) at entry {found.ledger_sequence}, "
                f"{found.broken_entries} broken entries"
            )
