from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from levels.catalogue import load_catalogue, shipped_files
from levels.catalogue_files import CatalogueError

VERDICTS = ["created", "changed", "unchanged"]


class Command(BaseCommand):
    help = (
        "Create or change sections, units and levels, found by their IDs, as the files say; without files, as those "
        "that ship with SkillQuest say. Can be run again. The files win: what staff edited in the admin is "
        "overwritten. Nothing is deleted. If anything is wrong in any file, nothing is changed."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", type=Path, help="catalogue files (JSON)")

    def handle(self, *, files, verbosity, **options):
        try:
            outcomes = load_catalogue(files or shipped_files())
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self._report(outcomes, details=verbosity > 1)

    def _report(self, outcomes, *, details):
        for file in dict.fromkeys(outcome.file for outcome in outcomes):
            rows = [outcome for outcome in outcomes if outcome.file == file]
            self.stdout.write(f"{file}: {summary(rows)}")
            for row in rows:
                if row.changes:
                    self.stdout.write(f"  changed {row.kind} {row.key}: {', '.join(row.changes)}")
                elif details:
                    self.stdout.write(f"  {row.verdict} {row.kind} {row.key}")
        self.stdout.write(self.style.SUCCESS(f"Total: {summary(outcomes)}"))


def summary(outcomes):
    """“6 levels: 6 created, 0 changed, 0 unchanged”, one part for each kind of row."""
    parts = []
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        verdicts = Counter(outcome.verdict for outcome in outcomes if outcome.kind == kind)
        counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS)
        parts.append(f"{verdicts.total()} {kind}{'s' if verdicts.total() > 1 else ''}: {counts}")
    return "; ".join(parts) or "nothing in it"
