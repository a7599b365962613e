"""What pricing needs to know of some learners: each question is one statement, however many they are."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import TruncDate

from gamification.models import LedgerEntry
from levels.models import Level
from tracking.models import Completion, Review
from tracking.recording.completions import REFERENCE

from .items import Bonus, Correction, History, ReviewedDate

RECALCULATION = "recalculation"  # `reference_type` of entries that bring old results to other rules


@dataclass(frozen=True)
class Period:
    """What the server learned of from `since` until before `until`; None where there is no limit."""

    since: datetime | None = None
    until: datetime | None = None

    def of(self, rows: QuerySet[Any], field: str) -> QuerySet[Any]:
        if self.since:
            rows = rows.filter(**{f"{field}__gte": self.since})
        return rows.filter(**{f"{field}__lt": self.until}) if self.until else rows


def tried_completions(period: Period) -> QuerySet[Any]:
    """Those that count. Imports pay only what they say."""
    return period.of(Completion.objects.counted().exclude(source=Completion.Source.IMPORT), "created_at")


def tried_reviews(period: Period) -> QuerySet[Any]:
    """Of whole dates."""
    rows = Review.objects.filter(date__gte=period.since.date()) if period.since else Review.objects.all()
    return Period(until=period.until).of(rows, "reviewed_at")


def read_histories(learner_ids: Collection[int], period: Period, *, has_cap: bool) -> dict[int, History]:
    """`has_cap`: one of the rule sets limits what a date pays, so it has to be known what dates have paid before."""
    histories: dict[int, History] = {learner_id: History() for learner_id in learner_ids}
    _read_completions(histories, period)
    if period.since:
        _read_paid_for(histories, period.since)
        if has_cap:
            _read_paid_on(histories, period.since)
    _read_reversed(histories)
    _read_bonuses(histories, period)
    _read_reviews(histories, period)
    _read_corrections(histories)
    return histories


def _read_completions(histories: dict[int, History], period: Period) -> None:
    """With their level, and of their answer only the breakdown: `paid`."""
    found = tried_completions(period).filter(learner__in=histories).defer("answer")
    completions = list(found.annotate(paid=KeyTransform("xp_breakdown", "answer")))
    levels = Level.objects.in_bulk({completion.level_id for completion in completions})
    for completion in sorted(completions, key=lambda each: (each.paid_at, each.occurred_at, each.pk)):
        completion.level = levels[completion.level_id]
        histories[completion.learner_id].completions.append(completion)


def _entries(histories: Iterable[int], reference_type: str) -> QuerySet[Any]:
    return LedgerEntry.objects.filter(learner__in=list(histories), reference_type=reference_type).order_by()


def _read_paid_for(histories: dict[int, History], since: datetime) -> None:
    before = _entries(histories, REFERENCE).filter(created_at__lt=since).values_list("learner", "subject")
    for learner_id, subject, paid in before.annotate(Sum("delta")):
        histories[learner_id].paid_for[subject] = int(paid)


def _read_paid_on(histories: dict[int, History], since: datetime) -> None:
    """On the dates as of which something of the period counts."""
    moments = [each.effective_at for history in histories.values() for each in history.completions]
    if not moments:
        return
    first = min(moments).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    before = _entries(histories, REFERENCE).filter(created_at__lt=since, effective_at__gte=first)
    groups = before.values_list("learner", TruncDate("effective_at", tzinfo=UTC)).annotate(Sum("delta"))
    for learner_id, day, paid in groups:
        histories[learner_id].paid_on[day, REFERENCE] = int(paid)


def _read_reversed(histories: dict[int, History]) -> None:
    taken_back = _entries(histories, REFERENCE).filter(reversal_of__isnull=False)
    for learner_id, reference_id in taken_back.values_list("learner", "reference_id"):
        histories[learner_id].reversed.add(reference_id)


def _read_bonuses(histories: dict[int, History], period: Period) -> None:
    """Without those of which the streak is not known, such as imported ones."""
    paid = _entries(histories, LedgerEntry.Reason.STREAK_BONUS).filter(
        reason=LedgerEntry.Reason.STREAK_BONUS, reversal_of=None, reversed_by=None
    )
    rows = (
        period.of(paid, "created_at")
        .order_by("learner", "sequence")
        .values_list("learner", "reference_id", "metadata__streak", "trust", "effective_at", "created_at")
    )
    for learner_id, day, run, *others in rows:
        if run is not None:
            histories[learner_id].bonuses.append(Bonus(day, int(run), *others))


def _read_reviews(histories: dict[int, History], period: Period) -> None:
    right = tried_reviews(period).filter(learner__in=histories, correct=True).order_by("learner", "date")
    groups = right.values_list("learner", "date").annotate(Count("pk"), Sum("awarded_xp"), Max("reviewed_at"))
    for learner_id, *numbers in groups:
        histories[learner_id].reviews.append(ReviewedDate(*numbers))


def _read_corrections(histories: dict[int, History]) -> None:
    """By recalculations that were not undone."""
    standing = _entries(histories, RECALCULATION).filter(reversal_of=None, reversed_by=None)
    by_learner: dict[int, list[Correction]] = defaultdict(list)
    for learner_id, subject, metadata in standing.values_list("learner", "subject", "metadata"):
        by_learner[learner_id] += [Correction(key, subject, delta) for key, delta in metadata.get("items", {}).items()]
    for learner_id, corrections in by_learner.items():
        histories[learner_id].corrections = corrections
