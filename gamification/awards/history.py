"""What a payment needs to know of the learner's history: read when needed, or at once for a whole batch."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date
from functools import cached_property

from django.db import connection
from django.db.models import Q, Sum
from django.db.models.functions import TruncDate

from gamification.earnables import unlocking
from gamification.earnables.unlocking import Earned, Unearned, Values
from gamification.ledger.entries import NewEntry
from gamification.models import Achievement, Badge, FirstTime, LedgerEntry, Requirement
from hotsql.writes import insert_absent, insert_rows

from .rewards import Award

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

    def write(self) -> None:
        """Write what `count_firsts` has not written yet."""

    def _rows(self, firsts: Firsts) -> list[FirstTime]:
        return [FirstTime(learner_id=self.learner_id, metric=metric, value=value) for metric, value in firsts]


class BatchHistory(LearnerHistory):
    """For many awards of one learner, whose profile is locked: one statement a question, however many awards."""

    def __init__(self, learner_id: int, planned: Sequence[Award]) -> None:
        self.learner_id = learner_id
        # What a subject has paid that pays each time is not asked, and would take long to sum.
        self.subjects = {award.subject for award in planned if award.facts.repeat_policy != "full"}
        self.moments = [award.occurred_at for award in planned]
        self.firsts = {first for award in planned for first in award.firsts}
        self.new_firsts: list[tuple[str, str]] = []

    def paid_for(self, subject: str) -> int:
        return self._paid_for[subject]

    def paid_on(self, day: date, reference_type: str) -> int:
        return self._paid_on[day, reference_type]

    def count_firsts(self, firsts: Firsts) -> Counter:
        new = [first for first in firsts if first not in self._known_firsts]
        self._known_firsts.update(new)
        self.new_firsts += new
        return Counter(metric for metric, _ in new)

    def remember(self, new_entries: list[NewEntry], earned: Earned) -> None:
        for entry in new_entries:
            self._paid_for[entry.subject] += entry.delta
            if "_paid_on" in vars(self):
                self._paid_on[entry.effective_at.astimezone(UTC).date(), entry.reference_type] += entry.delta
        self.unearned.take(earned)

    def write(self) -> None:
        insert_rows(self._rows(self.new_firsts))

    @cached_property
    def unearned(self) -> "UnearnedInMemory":
        return UnearnedInMemory(self.learner_id)

    @cached_property
    def _paid_for(self) -> Counter:
        entries = LedgerEntry.objects.filter(learner_id=self.learner_id, subject__in=self.subjects).order_by()
        return Counter(dict(entries.values_list("subject").annotate(Sum("delta"))))

    @cached_property
    def _paid_on(self) -> Counter:
        days = [moment.astimezone(UTC).date() for moment in self.moments]
        entries = LedgerEntry.objects.filter(
            learner_id=self.learner_id, effective_at__date__range=(min(days), max(days))
        )
        by_day = entries.order_by().values_list(TruncDate("effective_at"), "reference_type").annotate(Sum("delta"))
        return Counter({(day, reference_type): paid for day, reference_type, paid in by_day})

    @cached_property
    def _known_firsts(self) -> set[tuple[str, str]]:
        rows = FirstTime.objects.filter(
            learner_id=self.learner_id,
            metric__in={metric for metric, _ in self.firsts},
            value__in={value for _, value in self.firsts},
        )
        return set(rows.values_list("metric", "value"))


class UnearnedInMemory:
    """`Unearned` for a batch: reads all requirements once and leaves out what was earned since."""

    def __init__(self, learner_id: int) -> None:
        self.rows: dict[str, list[Requirement]] = defaultdict(list)
        for row in unlocking.missing(learner_id, Q()).order_by("threshold"):
            self.rows[row.metric].append(row)
        self.thresholds = {metric: [row.threshold for row in rows] for metric, rows in self.rows.items()}
        self.taken: set[Achievement | Badge] = set()

    def crossed(self, before: Values, after: Values) -> list[Requirement]:
        return [
            row
            for metric in self.rows
            if after.get(metric, 0) > before.get(metric, 0)
            for row in self._between(metric, before.get(metric, 0), after[metric])
        ]

    def reachable(self, reached: Values) -> list[Requirement]:
        return [row for metric, value in reached.items() for row in self._between(metric, value)]

    def take(self, earned: Earned) -> None:
        self.taken.update(earned.achievements, earned.badges)

    def _between(self, metric: str, above: int, at_most: int | None = None) -> list[Requirement]:
        thresholds = self.thresholds.get(metric, [])
        last = len(thresholds) if at_most is None else bisect_right(thresholds, at_most)
        rows = self.rows[metric][bisect_right(thresholds, above) : last]
        return [row for row in rows if row.owner not in self.taken]
