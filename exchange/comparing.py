"""What a file does to each row, before anything is saved: in portions, each of which sees the whole file."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from hashlib import sha256
from itertools import islice
from typing import Any

from .models import FileImport, ImportRow
from .reading.files import read_rows
from .reading.rows import Fault, FileRow, shortened
from .resources import ExchangeResource
from .whole_files import WholeFile

PORTION = 500  # rows
Verdict = ImportRow.Verdict


def take_rows(source: FileImport, resource: ExchangeResource, *, at_most: int | None = None) -> bool:
    """Read the file into rows; False, and nothing read, if it has more than `at_most`.

    Raises UnreadableFileError. The rows of a long file are stored while it is read: a transaction that waits idly for
    all of them would be ended by the database.
    """
    rows = read_rows(bytes(source.content or b""), source.ending, known=resource.columns(), key=resource.key)
    if at_most is not None:
        few = list(islice(rows, at_most + 1))
        if len(few) > at_most:
            return False
        rows = iter(few)
    while portion := [_imported(source, row) for row in islice(rows, PORTION)]:
        ImportRow.objects.bulk_create(portion)
    source.content = None
    source.save(update_fields=["content"])
    return True


def _imported(source: FileImport, row: FileRow) -> ImportRow:
    return ImportRow(source=source, number=row.number, cells=row.cells, unreadable=_listed(row.faults))


def _listed(faults: Sequence[Fault]) -> list[list[str]]:
    return [[fault.column, fault.reason] for fault in faults]


def compare_portion(source: FileImport, resource: ExchangeResource, *, after: int) -> int | None:
    """Compare the next rows behind the number `after`; answers the last number, None if there were no more."""
    rows = list(source.rows.filter(number__gt=after).order_by("number")[:PORTION])
    if not rows:
        return None
    whole = resource.whole_file(source.rows.order_by("number").values_list("number", "cells").iterator())
    Comparison(resource, whole, rows).run()
    _save(rows, ["key", "faults", "verdict", "changes"])
    return rows[-1].number


def finish_comparison(source: FileImport, resource: ExchangeResource) -> None:
    """Judge what depends on other rows, and count; the import can be applied afterwards."""
    rows = list(source.rows.order_by("number"))
    to_write = [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]
    resource.finish(to_write)
    second = resource.second_person([row for row in to_write if not row.faults])
    for row in to_write:
        row.verdict = Verdict.REFUSED if row.faults else row.verdict
        row.needs_second = row.number in second and not row.faults
    _save(to_write, ["faults", "verdict", "place", "needs_second"])
    source.counts = dict(Counter(row.verdict for row in rows))
    source.fingerprint = fingerprint_of(rows)
    source.state = FileImport.State.COMPARED
    source.save(update_fields=["counts", "fingerprint", "state"])


def fingerprint_of(rows: Sequence[ImportRow]) -> str:
    """The same as long as the same rows do the same."""
    done = [[row.number, row.key, row.verdict, row.changes, row.faults, row.needs_second] for row in rows]
    return sha256(json.dumps(done, sort_keys=True).encode()).hexdigest()


def compare_again(source: FileImport) -> None:
    """Forget what was found, not what was read."""
    source.rows.update(verdict="", changes={}, faults=[], key="", needs_second=False)
    source.state, source.fingerprint, source.counts = FileImport.State.COMPARING, "", {}
    source.save(update_fields=["state", "fingerprint", "counts"])


def _save(rows: Sequence[ImportRow], fields: list[str]) -> None:
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source", "number"], update_fields=fields, batch_size=PORTION
    )


class Comparison:
    """Of a portion of rows with the stored ones."""

    def __init__(self, resource: ExchangeResource, whole: WholeFile, rows: Sequence[ImportRow]) -> None:
        self.resource, self.whole, self.rows = resource, whole, rows

    def run(self) -> None:
        resource = self.resource
        cleaned = [resource.cleaned(row.cells) for row in self.rows]
        for row, (values, _) in zip(self.rows, cleaned, strict=True):
            row.key = resource.key_of(values.get(resource.key) or "")[:200]
        self.stored = resource.stored({row.key for row in self.rows if row.key})
        self.holders = {column: self._holders(column, [values for values, _ in cleaned]) for column in resource.unique}
        resource.prepare([(row.key, values) for row, (values, _) in zip(self.rows, cleaned, strict=True)], self.whole)
        for row, (values, faults) in zip(self.rows, cleaned, strict=True):
            self._compare(row, values, faults)

    def _holders(self, column: str, rows: Sequence[dict[str, Any]]) -> dict[Any, str]:
        values = {row[column] for row in rows if isinstance(row.get(column), str | int)} - {""}
        return self.resource.holders(column, values) if values else {}

    def _compare(self, row: ImportRow, values: dict[str, Any], faults: list[Fault]) -> None:
        if any(column == "" for column, _ in row.unreadable):
            row.faults, row.verdict = row.unreadable, Verdict.REFUSED
            return
        before = self.stored.get(row.key)
        after = self.resource.new_row() if before is None else copy(before)
        self.resource.set_values(after, values)
        found = [*(Fault(*fault) for fault in row.unreadable), *faults]
        faulty = {fault.column for fault in found}
        more = [*self._faults(row, before, after, values)]
        row.faults = _listed([*found, *(fault for fault in more if fault.column not in faulty)])
        row.changes = self._changes(before, after, values)
        row.verdict = self._verdict(row, before)

    def _faults(self, row: ImportRow, before: Any, after: Any, values: dict[str, Any]) -> Iterator[Fault]:
        yield from self.resource.faults_of(after)
        yield from self.whole.twice(row.number, values)
        yield from self._taken(row, values)
        yield from self._fixed(before, after, values)
        yield from self._rights(before)
        yield from self.resource.more_faults(before, after, values, self.whole)

    def _taken(self, row: ImportRow, values: dict[str, Any]) -> Iterator[Fault]:
        for column in self.resource.unique:
            value = self.resource.comparable(column, values.get(column))
            holder = self.holders[column].get(value) if value not in (None, "") else None
            if holder not in (None, row.key) and not self.whole.gives_up(str(holder), column, value):
                yield Fault(column, f"“{shortened(str(values[column]))}” is taken by {holder}.")

    def _fixed(self, before: Any, after: Any, values: dict[str, Any]) -> Iterator[Fault]:
        for column in self.resource.fixed if before is not None else ():
            if column in values and not same(getattr(before, column), getattr(after, column)):
                yield Fault(column, "An import does not change it.")

    def _rights(self, before: Any) -> Iterator[Fault]:
        act = "add" if before is None else "change"
        if not self.resource.actor.has_perm(self.resource.permission(act)):
            yield Fault(self.resource.key, f"You have no right to {act} it.")

    def _changes(self, before: Any, after: Any, values: dict[str, Any]) -> dict[str, list[Any]]:
        new = self.resource.values_of(after)
        if before is None:
            return {name: [None, value] for name, value in new.items()}
        old = self.resource.values_of(before)
        return {name: [old[name], new[name]] for name in new if name in values and not same(old[name], new[name])}

    def _verdict(self, row: ImportRow, before: Any) -> str:
        if row.faults:
            return Verdict.REFUSED
        if before is None:
            return Verdict.NEW
        return Verdict.CHANGED if row.changes else Verdict.UNCHANGED


def same(one: Any, other: Any) -> bool:
    """Spreadsheets write line breaks in another way; that is no change."""
    return _plain(one) == _plain(other)


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True).replace("\\r\\n", "\\n")
