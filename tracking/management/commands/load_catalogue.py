import json
from collections import Counter
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import gamification.earnables.catalogue
import levels.loading.load
from gamification.earnables.catalogue_files import COLLECTIONS
from gamification.earnables.catalogue_files import CatalogueError as EarnablesError
from levels.loading.files import CatalogueError as LevelsError
from levels.models import Level

VERDICTS = ["created", "changed", "unchanged"]


class Command(BaseCommand):
    help = (
        "Create or change levels (with their sections and units), achievements and badges, found by their IDs (badges: "
        "by name), as the files say; without files, as those that ship with SkillQuest say. Can be run again. The "
        "files win: what staff edited in the admin is overwritten. Nothing is deleted. If anything is wrong in any "
        "file, nothing is changed."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", type=Path, help="catalogue files (JSON)")
        parser.add_argument(
            "--once", action="store_true", help="do nothing where there are levels already: staff may have edited them"
        )

    def handle(self, *, files, once, verbosity, **options):
        if once and Level.objects.exists():
            if verbosity:
                self.stdout.write("The catalogue stays as it is, with what staff edited. Without --once the files win.")
            return
        try:
            outcomes = load(
                files or [*levels.loading.load.shipped_files(), *gamification.earnables.catalogue.shipped_files()]
            )
        except (LevelsError, EarnablesError) as error:
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


@transaction.atomic
def load(files):
    """Each app loads its own; all of them or none."""
    earnables = [path for path in files if holds_earnables(path)]
    others = [path for path in files if path not in earnables]
    return levels.loading.load.load_catalogue(others) + gamification.earnables.catalogue.load_catalogue(earnables)


def holds_earnables(path):
    """By its content; whatever cannot be read is refused by the loader of levels."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "levels" not in document and bool(COLLECTIONS.keys() & document.keys())


def summary(outcomes):
    """“6 levels: 6 created, 0 changed, 0 unchanged”, one part for each kind of row."""
    parts = []
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        verdicts = Counter(outcome.verdict for outcome in outcomes if outcome.kind == kind)
        counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS)
        parts.append(f"{verdicts.total()} {kind}{'s' if verdicts.total() > 1 else ''}: {counts}")
    return "; ".join(parts) or "nothing in it"
