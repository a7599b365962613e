"""When learners reached an amount of XP or a level, by the ledger.

XP is dated by the entry that lifted the balance; where entries were archived, by the one that carries them forward.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, Subquery

from gamification.conditions.schema import Leaf
from gamification.models import LearnerProfile, LedgerEntry
from gamification.pricing.progression import level_begins_at
from gamification.pricing.rules import Rules
from gamification.profiles.thresholds import Reached, Source, ids_of, reached_by_sources


def of_ledger(profiles: list[LearnerProfile], thresholds: Iterable[Leaf], rules: Rules) -> Reached:
    return reached_by_sources(SOURCES, profiles, thresholds, rules)


def _by_xp(profiles: list[LearnerProfile], threshold: int | None, _rules: Rules) -> dict[int, datetime]:
    if threshold is None:
        return {}
    entries_above = LedgerEntry.objects.filter(learner=OuterRef("learner"), balance_after__gte=threshold)
    first = Subquery(entries_above.order_by("sequence").values("sequence")[:1])
    entries = LedgerEntry.objects.filter(learner__in=ids_of(profiles), sequence=first)
    return dict(entries.values_list("learner_id", "effective_at"))


def _by_level(profiles: list[LearnerProfile], level: int, rules: Rules) -> dict[int, datetime]:
    return _by_xp(profiles, level_begins_at(level, rules), rules)


SOURCES: dict[str, Source] = {"xp": _by_xp, "level": _by_level}
