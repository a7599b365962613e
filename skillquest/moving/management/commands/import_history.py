import re
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gamification.models import find_zone
from skillquest.moving.errors import InputError, Problem
from skillquest.moving.files import look_through
from skillquest.moving.importing import Import
from skillquest.moving.mapping import HeaderMapping, Mapping, load_mapping
from skillquest.moving.records import KINDS
from skillquest.moving.reports import Tally, count_totals

SHOWN = 20  # problems; the others are only counted
SECONDS_BETWEEN = 1  # messages about the progress
VALID_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")


class Command(BaseCommand):
    help = (
        "Import learners and what they have done from another system: CSV or JSON Lines, also compressed by gzip. "
        "Without --apply it only reports what would be imported. Rows are imported once, however often it is run, and "
        "a run that was interrupted continues when it is started again. Exits with 1 if any row was not imported. See "
        "docs/moving-in.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="a name for the other system, such as moodle")
        parser.add_argument("--apply", action="store_true", help="write; without it nothing is written")
        parser.add_argument("--mapping", type=Path, help="a YAML file that says what the columns mean")
        parser.add_argument("--kind", choices=KINDS, help="what each row is, where no column says it")
        parser.add_argument("--time-zone", default="UTC", help="of times without an offset; a mapping says it itself")
        parser.add_argument(
            "--pay-completions",
            action="store_true",
            help="pay completions by the rules, with bonuses and achievements; without it only opening XP counts",
        )
        parser.add_argument("--strict", action="store_true", help="write nothing if any row has a problem")
        parser.add_argument("--problems", type=Path, metavar="FILE", help="where all problems are written")

    def handle(
        self, *, file: Path, source: str, apply: bool, strict: bool, problems: Path | None, **options: Any
    ) -> None:
        try:
            mapping = self._mapping(source, **options)
            with ExitStack() as stack:
                pays = options["pay_completions"]
                job = Import(look_through(file), mapping, source, self._problem, self._portion, pays)
                self._begin(problems, stack, continues=apply and job.unfinished_run() is not None)
                self._run(job, apply=apply, strict=strict)
        except InputError as problem:
            raise CommandError(str(problem)) from problem

    def _mapping(
        self, source: str, *, mapping: Path | None, kind: str | None, time_zone: str, **_: Any
    ) -> Mapping | HeaderMapping:
        if not VALID_SOURCE.fullmatch(source):
            raise InputError("The source is 1 to 30 lower-case letters, digits and hyphens, such as moodle-2024.")
        if mapping:
            return load_mapping(mapping)
        zone = find_zone(time_zone)
        if zone is None:
            raise InputError(f"There is no time zone {time_zone}.")
        return HeaderMapping(zone, kind or "")

    def _begin(self, problems: Path | None, stack: ExitStack, *, continues: bool) -> None:
        self._found = self._rows = 0
        self._began = self._told = time.monotonic()
        self._file: IO[str] | None = None
        if problems:
            self._file = stack.enter_context(problems.open("a" if continues else "w", encoding="utf-8"))
        if continues:
            self.stdout.write("This continues the run that was interrupted.")

    def _run(self, job: Import, *, apply: bool, strict: bool) -> None:
        before = count_totals()
        if apply and strict and (refused := job.try_out().refused):
            self._summarise(job.tally)
            raise CommandError(f"Nothing was written: {refused} rows have a problem.")
        if apply:
            job.tally = Tally()
            job.apply()
        else:
            job.try_out()
        self._summarise(job.tally)
        self.stdout.write(f"before: {before}")
        self.stdout.write(f"{'imported' if apply else 'to import'}: {job.tally.added}")
        self.stdout.write(f"after: {count_totals() if apply else before + job.tally.added}")
        if not apply and job.pays:
            self.stdout.write("Completions are paid when they are written, so the XP after it will be more.")
        if not apply:
            self.stdout.write("Nothing was written. With --apply it is.")
        if job.tally.refused:
            raise CommandError(
                f"{job.tally.refused} rows {'were' if apply else 'would'} not {'' if apply else 'be '}imported."
            )

    def _summarise(self, tally: Tally) -> None:
        if self._found > SHOWN:
            self.stdout.write(f"… and {self._found - SHOWN} more problems and warnings; --problems FILE lists all.")
        for line in tally.lines():
            self.stdout.write(line)

    def _problem(self, problem: Problem) -> None:
        self._found += 1
        if self._found <= SHOWN:
            self.stdout.write(str(problem))
        if self._file:
            self._file.write(f"{problem}\n")

    def _portion(self, rows_done: int) -> None:
        now = time.monotonic()
        if now - self._told < SECONDS_BETWEEN:
            return
        rate = (rows_done - self._rows) / (now - self._told)
        self.stderr.write(f"{rows_done} rows, {rate:.0f} rows a second")
        self._told, self._rows = now, rows_done
