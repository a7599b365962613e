"""What a payment needs to know of the learner's history: read when needed, or with those of other learners."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date
from functools import cached_property

from django.db import connection
from django.db.models import Sum

from gamification.earnables.unlocking import Earned, Unearned
from gamification.ledger.entries import NewEntry
from gamification.models import FirstTime, LedgerEntry
from hotsql.rows import new_row
from hotsql.writes import insert_absent

from .shared_history import SharedHistory, UnearnedInMemory

Firsts = Iterable[tuple[str, str]]


class LearnerHistory:
    """For a single award: each question is one statement."""

    def __init__(self, learner_id: int) -> None:
        self.learner_id = learner_id
        self.unearned = Unearned(learner_id)

    def paid_for(self, subject: str) -> int:
        """XP that `subject` has paid, net of reversals."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT SUM(delta) FROM xp_history WHERE learner_id = %s AND subject = %s", [self.learner_id, subject]
            )
            return int(cursor.fetchone()[0] or 0)

    def paid_on(self, day: date, reference_type: str) -> int:
        """XP that references of this type have paid on a UTC date, net of reversals."""
        entries = LedgerEntry.objects.filter(learner_id=self.learner_id, effective_at__date=day)
        return entries.filter(reference_type=reference_type).aggregate(total=Sum("delta", default=0))["total"]

    def count_firsts(self, firsts: Firsts) -> Counter:
        """Store these (metric, value) pairs; return how many of them are new, by metric."""
        if not firsts:
            return Counter()
        return Counter(insert_absent(self._rows(firsts), conflict="(learner_id, metric, value)", returning="metric"))

    def remember(self, new_entries: list[NewEntry], earned: Earned) -> None:
        """Remember what was paid and earned. A single award needs nothing: it is not queried again."""

    def unwritten(self) -> list[FirstTime]:
        """What `count_firsts` has not stored yet."""
        return []

    def _rows(self, firsts: Firsts) -> list[FirstTime]:
        return [new_row(FirstTime, learner_id=self.learner_id, metric=metric, value=value) for metric, value in firsts]


class BatchHistory(LearnerHistory):
    """For many awards of a locked learner: what was stored before, and what the batch has added since."""

    def __init__(self, learner_id: int, shared: SharedHistory) -> None:
        self.learner_id, self.shared = learner_id, shared
        self.paid: Counter[str] = Counter()
        self.paid_by_day: Counter[tuple[date, str]] = Counter()
        self.new_firsts: dict[tuple[str, str], None] = {}

    def paid_for(self, subject: str) -> int:
        return self.shared.paid_for(self.learner_id, subject) + self.paid[subject]

    def paid_on(self, day: date, reference_type: str) -> int:
        return self.shared.paid_on(self.learner_id, day, reference_type) + self.paid_by_day[day, reference_type]

    def count_firsts(self, firsts: Firsts) -> Counter:
        new = [first for first in firsts if first not in self.new_firsts and not self._is_known(*first)]
        self.new_firsts.update(dict.fromkeys(new))
        return Counter(metric for metric, _ in new)

    def remember(self, new_entries: list[NewEntry], earned: Earned) -> None:
        for entry in new_entries:
            self.paid[entry.subject] += entry.delta
            self.paid_by_day[entry.effective_at.astimezone(UTC).date(), entry.reference_type] += entry.delta
        if earned:
            self.unearned.take(earned)

    def unwritten(self) -> list[FirstTime]:
        return self._rows(self.new_firsts)

    @cached_property
    def unearned(self) -> UnearnedInMemory:
        return UnearnedInMemory(self.shared.requirements, self.learner_id)

    def _is_known(self, metric: str, value: str) -> bool:
        return self.shared.is_known(self.learner_id, metric, value)
