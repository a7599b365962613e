import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogues.files import CatalogueError
from catalogues.loading import Outcome
from change_history.context import because
from gamification import earnables
from levels.loading import load as levels
from levels.models import Level

VERDICTS = ["created", "changed", "unchanged"]


class Command(BaseCommand):
    help = (
        "Create or change levels (with their sections and units), their questions, achievements and badges, found by "
        "their IDs (badges: by name), as the files say; without files, as those that ship with SkillQuest say. Can be "
        "run again. The files win: what staff edited in the admin is overwritten. Nothing is deleted. If anything is "
        "wrong in any file, nothing is changed. What differs is written in short transactions, so it may be run while "
        "people play."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="catalogue files (JSON)")
        parser.add_argument(
            "--once", action="store_true", help="do nothing where there are levels already: staff may have edited them"
        )

    def handle(self, *, files: list[Path], once: bool, verbosity: int, **options: Any) -> None:
        if once and Level.objects.exists():
            if verbosity:
                self.stdout.write("The catalogue stays as it is, with what staff edited. Without --once the files win.")
            return
        try:
            outcomes = self._load(files or [*levels.shipped_files(), *earnables.shipped_files()])
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self._report(outcomes, details=verbosity > 1)

    def _load(self, files: list[Path]) -> list[Outcome]:
        """Each app loads its own files; both check all of theirs before either writes."""
        earnable_files = [path for path in files if holds_earnables(path)]
        level_plan = levels.prepare([path for path in files if path not in earnable_files])
        earnable_plan = earnables.prepare_catalogue(earnable_files)
        for warning in level_plan.warnings():
            self.stderr.write(self.style.WARNING(warning))
        with because("load_catalogue"):
            return level_plan.apply() + earnable_plan.apply()

    def _report(self, outcomes: list[Outcome], *, details: bool) -> None:
        for file in dict.fromkeys(outcome.file for outcome in outcomes):
            rows = [outcome for outcome in outcomes if outcome.file == file]
            self.stdout.write(f"{file}: {summary(rows)}")
            for row in rows:
                if row.changes:
                    self.stdout.write(f"  changed {row.kind} {row.key}: {', '.join(row.changes)}")
                elif details:
                    self.stdout.write(f"  {row.verdict} {row.kind} {row.key}")
        self.stdout.write(self.style.SUCCESS(f"Total: {summary(outcomes)}"))


def holds_earnables(path: Path) -> bool:
    """Decided by the content; a file that cannot be read is refused by the loader of levels."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return (
        isinstance(document, dict) and "levels" not in document and bool(earnables.COLLECTIONS.keys() & document.keys())
    )


def summary(outcomes: Iterable[Outcome]) -> str:
    """“6 levels: 6 created, 0 changed, 0 unchanged”, one part for each kind of row."""
    parts = []
    for kind in dict.fromkeys(outcome.kind for outcome in outcomes):
        verdicts = Counter(outcome.verdict for outcome in outcomes if outcome.kind == kind)
        counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS)
        parts.append(f"{verdicts.total()} {kind}{'s' if verdicts.total() > 1 else ''}: {counts}")
    return "; ".join(parts) or "nothing in it"
