"""Events that need no level, such as check-ins: what is stored of them, and how they are recorded."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model

from hotsql.tables import is_among
from hotsql.writes import insert_new, update_rows
from tracking.errors import EventIdReused

from .events import Item, Report, RowItem, Status, Verdict

Key = tuple[int, UUID]
KEY = ("learner", "client_event_id")


def stored_rows(model: type[Model], items: Iterable[Item]) -> dict[Key, Any]:
    """The rows with the ids of these events."""
    keys = {item.key for item in items}
    rows: Iterable[Any] = model._default_manager.filter(is_among(model, KEY, keys)) if keys else []
    return {(row.learner_id, row.client_event_id): row for row in rows}


def sort_out(items: Iterable[RowItem], report: Report) -> list[RowItem]:
    """The new ones. Others get a verdict, or `first`: an earlier item of the batch with the same id."""
    new: list[RowItem] = []
    for model, own in _by_model(items):
        stored, firsts, refusal = stored_rows(model, own), {}, own[0].judge(report)
        for item in own:
            if row := stored.get(item.key):
                replay(item, row)
            elif first := firsts.get(item.key):
                item.first = first
            elif problem := refusal(item):
                item.reject(problem)
            else:
                firsts[item.key] = item
                new.append(item)
    return new


def insert(items: Iterable[RowItem], report: Report) -> None:
    """Give each its row. Those that another request has saved at the same time are replayed."""
    for model, own in _by_model(items):
        for item in own:
            item.stored = item.new_row(report)
        # In one order everywhere, or two batches would wait for each other.
        rows = [item.stored for item in sorted(own, key=lambda item: item.key)]
        insert_new(rows, conflict="(learner_id, client_event_id)", key=KEY)
        others = [item for item in own if not item.is_saved]
        stored = stored_rows(model, others)
        for item in others:
            replay(item, stored[item.key])


def replay(item: RowItem, row: Any) -> None:
    try:
        item.verdict = Verdict(Status.REPLAYED, item.answer_again(row))
    except EventIdReused as problem:
        item.reject(problem)


def store_answers(items: Iterable[RowItem]) -> None:
    for _, own in _by_model(items):
        for item in own:
            item.verdict = Verdict(Status.CREATED, item.stored.answer)
        update_rows([item.stored for item in own], own[0].decided)


def remove(items: Iterable[RowItem]) -> None:
    for model, own in _by_model(items):
        model._default_manager.filter(pk__in=[item.stored.pk for item in own]).delete()


def _by_model(items: Iterable[RowItem]) -> list[tuple[type[Model], list[RowItem]]]:
    """In the order of the tables' names, since rows of several tables are locked."""
    found: dict[type[Model], list[RowItem]] = defaultdict(list)
    for item in items:
        found[item.model].append(item)
    return sorted(found.items(), key=lambda group: group[0]._meta.db_table)
