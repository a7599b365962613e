"""The second part of a trial: the results of each learner are priced by both rule sets, and the differences kept."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from gamification.awards import Rules, player_level_at, read_rules
from gamification.models import LearnerProfile, XPRuleSet
from gamification.staff import Versions
from hotsql.writes import insert_rows, update_rows
from tracking.models import RuleTrial, TriedLearner, TriedPart

from .items import Item, Sides, compare
from .reading import Period, read_histories

LEARNERS, RESULTS = 100, 1_000  # in a portion at most; a learner with more results is one of their own
NUMBERS = ["now_xp", "tried_xp", "difference", "changed", "level_now", "level_tried"]
PART_NUMBERS = ["results", "now_xp", "tried_xp"]


def sides_of(trial: RuleTrial) -> Sides:
    tried = read_rules(trial.version, trial.rules)
    if trial.is_recalculation:
        versions = Versions()
        return Sides(now=lambda moment: versions.at(moment).rules, tried=tried, is_paid=True)
    published = XPRuleSet.objects.get(version=trial.in_force)
    in_force = read_rules(published.version, published.rules)
    return Sides(now=lambda _moment: in_force, tried=tried)


def has_cap(trial: RuleTrial) -> bool:
    """Whether what is compared may have a daily cap."""
    published = XPRuleSet.objects.exclude(published_at=None).values_list("rules", flat=True)
    return any(rules["daily_xp_cap"] is not None for rules in [trial.rules, *published])


def next_learners(rows: QuerySet[TriedLearner], *, after: int) -> list[TriedLearner]:
    """Those of the next portion, in the order of their ids."""
    rows = rows.filter(learner__gt=after).order_by("learner")[:LEARNERS]
    chosen: list[TriedLearner] = []
    results = 0
    for row in rows:
        results += row.results
        if chosen and results > RESULTS:
            break
        chosen.append(row)
    return chosen


def price_portion(trial: RuleTrial, cursor: dict[str, Any]) -> int | None:
    """Price the next learners; return how many results they have, None when no learner is left."""
    # Locked, so that an erasure, which deletes them, comes before or after the portion.
    locked = TriedLearner.objects.filter(trial=trial).select_for_update(no_key=True)
    rows = next_learners(locked, after=cursor.get("after", 0))
    if not rows:
        return None
    sides, ids = sides_of(trial), [row.learner_id for row in rows]
    histories = read_histories(ids, Period(trial.since, trial.until), has_cap=has_cap(trial))
    items = {learner_id: compare(history, sides) for learner_id, history in histories.items()}
    _keep_learners(rows, items, sides, _rules_in_force(trial))
    _keep_parts(trial, [item for own in items.values() for item in own])
    cursor["after"] = rows[-1].learner_id
    return sum(row.results for row in rows)


def _rules_in_force(trial: RuleTrial) -> Rules:
    return read_rules(trial.in_force, XPRuleSet.objects.get(version=trial.in_force).rules)


def _keep_learners(rows: Sequence[TriedLearner], items: dict[int, list[Item]], sides: Sides, in_force: Rules) -> None:
    totals = dict(LearnerProfile.objects.filter(pk__in=items).values_list("pk", "total_xp"))
    for row in rows:
        own, total_xp = items[row.learner_id], totals[row.learner_id]
        row.now_xp, row.tried_xp = sum(item.now for item in own), sum(item.tried for item in own)
        row.difference = row.tried_xp - row.now_xp
        row.changed = sum(1 for item in own if item.change)
        row.level_now = player_level_at(total_xp, in_force).level
        row.level_tried = player_level_at(max(0, total_xp + row.difference), sides.tried).level
    update_rows(rows, NUMBERS)


def _keep_parts(trial: RuleTrial, items: Iterable[Item]) -> None:
    """Add to what earlier portions have found. The locked job keeps every other portion out."""
    stored = {(part.source, part.level_id): part for part in TriedPart.objects.filter(trial=trial)}
    sums: dict[tuple[str, int | None], TriedPart] = defaultdict(TriedPart)
    for item in items:
        part = sums[item.source, item.level_id]
        part.results += 1
        part.now_xp += item.now
        part.tried_xp += item.tried
    new, changed = [], []
    for (source, level_id), part in sums.items():
        if earlier := stored.get((source, level_id)):
            for name in PART_NUMBERS:
                setattr(earlier, name, getattr(earlier, name) + getattr(part, name))
            changed.append(earlier)
        else:
            part.trial, part.source, part.level_id = trial, source, level_id
            new.append(part)
    insert_rows(new)
    update_rows(changed, PART_NUMBERS)
