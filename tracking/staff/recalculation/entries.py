"""The ledger entries that bring a learner's results to other rules: one for each level, and one each for streak bonuses
and practice, since repeat policies sum what a level has paid."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gamification.awards import NewEntry
from gamification.models import MAX_DELTA, LedgerEntry, Trust
from tracking.models import Recalculation
from tracking.staff.rule_trials.items import Item
from tracking.staff.rule_trials.reading import RECALCULATION


def entries_for(recalculation: Recalculation, learner_id: int, items: Iterable[Item], balance: int) -> list[NewEntry]:
    """What pays comes before what takes; the last of what takes is cut where the learner has less XP than that."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        if item.change:
            groups[item.subject or item.source, item.trust].append(item)
    entries = [entry for group in groups.values() for entry in _entries(recalculation, group)]
    pays = [entry for entry in entries if entry.delta > 0]
    takes = [entry for entry in entries if entry.delta < 0]
    possible = _within(balance + sum(entry.delta for entry in pays), takes)
    return [
        replace(entry, reference_id=f"{recalculation.pk}/{learner_id}/{number}")
        for number, entry in enumerate([*pays, *possible], start=1)
    ]


def _entries(recalculation: Recalculation, items: Sequence[Item]) -> Iterator[NewEntry]:
    """In parts, where one entry may not move so much. The first one names what each item was changed by."""
    metadata = {
        "recalculation": recalculation.pk,
        "job": recalculation.job_id,
        "version": recalculation.trial.version,
        "source": items[0].source,
    }
    by_item = {"items": {item.key: item.change for item in items}}
    for part in _parts(sum(item.change for item in items)):
        yield NewEntry(
            delta=part,
            reason=LedgerEntry.Reason.RECALCULATION,
            reference_type=RECALCULATION,
            reference_id="",
            effective_at=max(item.effective_at for item in items),
            trust=Trust(items[0].trust),
            subject=items[0].subject,
            metadata=metadata | by_item,
        )
        by_item = {}


def _parts(amount: int) -> Iterator[int]:
    while amount:
        part = max(-MAX_DELTA, min(MAX_DELTA, amount))
        yield part
        amount -= part


def _within(balance: int, takes: Iterable[NewEntry]) -> Iterator[NewEntry]:
    for entry in takes:
        delta = max(entry.delta, -balance)
        balance += delta
        if delta:
            yield replace(entry, delta=delta)
