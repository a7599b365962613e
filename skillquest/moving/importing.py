"""An import, portion by portion: each is judged and written in one transaction, together with how far the run came."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from .creating import create_learners
from .errors import InputError, Problem
from .files import InputFile
from .finishing import refresh_totals
from .judging import Judge, Verdict
from .known import Catalogue, Known
from .mapping import HeaderMapping, Mapping
from .models import ImportRun, ImportSource
from .records import Hashing, Record
from .reports import Tally
from .scratch import Scratch
from .tables import Row, read_rows
from .writing import Writer, remember

PORTION = 1_000  # records; SQLite keeps other writers out while one is written
TRIES = 4
# Where another transaction was first: the portion is judged again, and finds what that one wrote.
CONFLICTS = (IntegrityError, OperationalError)

OnProblem = Callable[[Problem], None]
OnPortion = Callable[[int], None]  # rows done


@dataclass(frozen=True)
class Portion:
    """`rows_done`: how many rows of the file were read when it ended."""

    records: list[Record]
    rows_done: int


@dataclass
class Import:
    """One file from one source. `on_problem` and `on_portion` are told as it goes."""

    file: InputFile
    mapping: Mapping | HeaderMapping
    source_name: str
    on_problem: OnProblem
    on_portion: OnPortion
    pays: bool = False
    tally: Tally = field(default_factory=Tally)

    def try_out(self) -> Tally:
        """Judge every row, and write nothing."""
        source = ImportSource.objects.filter(name=self.source_name).first()
        source = source or ImportSource(name=self.source_name)
        scratch, hashing, catalogue = Scratch(), Hashing(bytes(source.salt)), Catalogue()
        try:
            for portion in self._portions(hashing, skip=0):
                known = Known(source, hashing, scratch, timezone.now())
                self._report(*judge_all(portion.records, known, catalogue))
                scratch.remember(known.new_rows, known.new_claims, known.new_balances)
                self.on_portion(portion.rows_done)
        finally:
            scratch.close()
        return self.tally

    def apply(self) -> Tally:
        """Write what is new, and continue where an earlier run of the same file was interrupted."""
        source, _ = ImportSource.objects.get_or_create(name=self.source_name, defaults={"created_at": timezone.now()})
        run = self._run(source)
        self.tally.counts.update(run.counts)
        hashing, catalogue = Hashing(bytes(source.salt)), Catalogue()
        for portion in self._portions(hashing, skip=run.rows_done):
            self._write(portion, run, hashing, catalogue)
            self.on_portion(portion.rows_done)
        while refresh_totals(at=timezone.now()):
            pass
        ImportRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
        return self.tally

    @property
    def fingerprint(self) -> str:
        zone_and_kind = f"{self.mapping.zone} {getattr(self.mapping, 'kind', '')} {self.pays}"
        return hashlib.sha256(f"{self.file.digest} {zone_and_kind} {self.mapping.text}".encode()).hexdigest()

    def _run(self, source: ImportSource) -> ImportRun:
        return ImportRun.objects.get_or_create(
            source=source,
            fingerprint=self.fingerprint,
            finished_at=None,
            defaults={"started_at": timezone.now()},
        )[0]

    def unfinished_run(self) -> ImportRun | None:
        return ImportRun.objects.filter(
            source__name=self.source_name, fingerprint=self.fingerprint, finished_at=None
        ).first()

    def _portions(self, hashing: Hashing, *, skip: int) -> Iterator[Portion]:
        with self.file.lines() as lines:
            columns, rows = read_rows(lines, skip_lines=self.mapping.skip_lines)
            self.mapping.check_columns(columns)
            yield from self._cut(islice(rows, skip, None), hashing, skip)

    def _cut(self, rows: Iterator[Row], hashing: Hashing, done: int) -> Iterator[Portion]:
        """Between rows, since one row may become several records."""
        records: list[Record] = []
        for row in rows:
            done += 1
            records += self._records(row, hashing)
            if len(records) >= PORTION:
                yield Portion(records, done)
                records = []
        yield Portion(records, done)

    def _records(self, row: Row, hashing: Hashing) -> list[Record]:
        if row.problem:
            return [Record(row.line, "", problem=row.problem)]
        records = list(self.mapping.records_of(row))
        for record in records:
            if not record.problem:
                hashing.stamp(record)
        return records

    def _write(self, portion: Portion, run: ImportRun, hashing: Hashing, catalogue: Catalogue) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                judged = write_portion(portion, run, hashing, catalogue, self)
            except CONFLICTS:
                if not tries_left:
                    raise
                time.sleep(1)
            else:
                run.rows_done = portion.rows_done
                self._report(*judged)
                return

    def _report(self, verdicts: list[tuple[Record, Verdict]], problems: list[Problem], known: Known) -> None:
        count(verdicts, known, self.tally)
        for problem in problems:
            self.on_problem(problem)


Judged = tuple[list[tuple[Record, Verdict]], list[Problem], Known]


def count(verdicts: list[tuple[Record, Verdict]], known: Known, tally: Tally) -> None:
    for record, verdict in verdicts:
        tally.add(record.kind, verdict)
        if verdict == Verdict.NEW and record.kind == "opening_xp":
            tally.counts["new xp"] += record.values["amount"]
    tally.counts["new xp"] += known.paid
    tally.counts["new learners"] += len(known.new_people)


def judge_all(records: list[Record], known: Known, catalogue: Catalogue) -> Judged:
    """As a dry run does: nothing is written between the learners and the rest."""
    stages = Stages(records, known, Judge(known, catalogue))
    stages.judge_learners()
    stages.judge_others()
    return stages.result


@transaction.atomic
def write_portion(portion: Portion, run: ImportRun, hashing: Hashing, catalogue: Catalogue, job: Import) -> Judged:
    """Judge a portion and write what is new. Raise InputError where another process imports the same file."""
    at = timezone.now()
    source = ImportSource.objects.select_for_update(no_key=True).get(pk=run.source_id)
    known = Known(source, hashing, None, at)
    stages = Stages(portion.records, known, Judge(known, catalogue))
    stages.judge_learners()
    create_learners(known.new_people, at=at)
    known.find_people(record.external_id for record in known.new_people)
    known.lock_profiles()
    stages.judge_others()
    writer = Writer(known, pays=job.pays)
    writer.write(stages.accepted_others)
    known.paid = writer.paid
    remember(known)
    _save_progress(run, portion, stages.result, job.tally)
    return stages.result


def _save_progress(run: ImportRun, portion: Portion, judged: Judged, tally: Tally) -> None:
    """Fails where another process has moved the same run on meanwhile."""
    so_far = Tally(tally.counts.copy())
    count(judged[0], judged[2], so_far)
    moved = ImportRun.objects.filter(pk=run.pk, rows_done=run.rows_done, finished_at=None)
    if not moved.update(rows_done=portion.rows_done, counts=so_far.counts):
        raise InputError("Another process is importing the same file.")


class Stages:
    """Learners first, since the other records of a portion may be about them."""

    def __init__(self, records: list[Record], known: Known, judge: Judge) -> None:
        # Copies: a portion may have to be judged again.
        self.records = [replace(record, values=dict(record.values)) for record in records]
        self.known, self.judge = known, judge
        self.verdicts: dict[int, Verdict] = {}
        self.readable = [record for record in self.records if not record.problem]
        known.load(self.readable)

    def judge_learners(self) -> None:
        learners = [record for record in self.readable if record.kind == "learner"]
        self.known.load_names([record for record in learners if record.key not in self.known.imported])
        self._judge(learners)

    def judge_others(self) -> None:
        self.known.load_events(self.readable)
        self._judge([record for record in self.records if record.problem or record.kind != "learner"])

    @property
    def accepted_others(self) -> list[Record]:
        accepted = [record for record in self.records if self.verdicts[id(record)] == Verdict.NEW]
        return [record for record in accepted if record.kind != "learner"]

    @property
    def result(self) -> Judged:
        verdicts = [(record, self.verdicts[id(record)]) for record in self.records]
        return verdicts, sorted(self.judge.problems, key=lambda problem: problem.line), self.known

    def _judge(self, records: list[Record]) -> None:
        for record in records:
            self.verdicts[id(record)] = self.judge.judge(record)
