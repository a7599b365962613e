"""The first part of a trial: who has results in its period, and how many. It walks through their tables by key."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Model, QuerySet

from tracking.models import Completion, Review, RuleTrial, TriedLearner

from .reading import Period, tried_completions, tried_reviews

PORTION = 50_000  # keys
MARGIN = timedelta(days=1)  # local dates begin before those of UTC, and the order of keys is not quite that of time
# Each model with the field that says when the server learned of its rows; keys grow with it.
LEARNED_AT: dict[str, tuple[type[Model], str]] = {
    "completions": (Completion, "created_at"),
    "reviews": (Review, "reviewed_at"),
}
ADD_UP = """
    INSERT INTO {table} (trial_id, learner_id, results, now_xp, tried_xp, difference, changed, level_now, level_tried)
    SELECT %s, learner_id, results, 0, 0, 0, 0, 0, 0 FROM ({found}) AS found WHERE true
    ON CONFLICT (trial_id, learner_id) DO UPDATE SET results = {table}.results + excluded.results
"""


def collect_portion(trial: RuleTrial, source: str, cursor: dict[str, Any]) -> bool:
    """Count the rows of the next keys for their learners; True when none is left. `cursor` is empty at first."""
    if "last" not in cursor:
        cursor |= _bounds(source, trial.since)
    until = min(cursor["after"] + PORTION, cursor["last"])
    rows = _rows(trial, source).filter(pk__gt=cursor["after"], pk__lte=until)
    _add_up(trial, rows)
    cursor["after"] = until
    return bool(until >= cursor["last"])


def _rows(trial: RuleTrial, source: str) -> QuerySet[Any]:
    """Without people who were erased and, of a recalculation, without who asks for it."""
    period = Period(trial.since, trial.until)
    rows = tried_completions(period) if source == "completions" else tried_reviews(period)
    rows = rows.filter(learner__profile__erased_at=None)
    return rows.exclude(learner=trial.created_by_id) if trial.is_recalculation else rows


def _add_up(trial: RuleTrial, rows: QuerySet[Any]) -> None:
    counted = rows.order_by().values("learner_id").annotate(results=Count("pk"))
    found, parameters = counted.query.sql_with_params()
    table = connection.ops.quote_name(TriedLearner._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP.format(table=table, found=found), [trial.pk, *parameters])


def _bounds(source: str, since: datetime | None) -> dict[str, int]:
    """Before the first key that may belong to the period, and the last key."""
    model, field = LEARNED_AT[source]
    keys = model._default_manager.order_by("pk").values_list("pk", flat=True)
    first, last = keys.first() or 0, keys.last() or 0
    return {"after": max(first, _first_since(model, field, since, first, last)) - 1 if last else 0, "last": last}


def _first_since(model: type[Model], field: str, since: datetime | None, first: int, last: int) -> int:
    """By bisection: there is no index by time, which would cost every insert."""
    if since is None:
        return first
    while first <= last:
        middle = (first + last) // 2
        row = model._default_manager.filter(pk__gte=middle).order_by("pk").values_list("pk", field).first()
        if row is None or row[1] >= since - MARGIN:
            last = middle - 1
        else:
            first = int(row[0]) + 1
    return first
