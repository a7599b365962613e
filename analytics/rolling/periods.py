"""Rolling up one day, week or month, from its own rows alone."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date
from typing import Any

from django.db.models import Count, Model, Q, Sum
from django.db.models.functions import TruncWeek

from analytics.counted import of_counted
from analytics.models import ActivePeriod, CohortWeek, FreezeDay, PeriodKind, QuestionDay, XPDay
from analytics.periods import DAY, WEEK, begin, monday_of, month_after
from gamification.models import ActivityDay, DayKind, FreezeEvent, LedgerEntry
from tracking.models import LearningSession, PlayQuestion, Review

from .stale import STARTS


def roll_day(day: date) -> None:
    _count_active(PeriodKind.DAY, day, day + DAY)
    _roll_xp(day)
    _roll_freezes(day)
    _roll_questions(day)


def roll_week(monday: date) -> None:
    _count_active(PeriodKind.WEEK, monday, monday + WEEK)
    joined = TruncWeek("learner__date_joined", tzinfo=UTC)
    cohorts = _active(monday, monday + WEEK).values(joined=joined).annotate(learners=Count("learner", distinct=True))
    rows = [
        CohortWeek(week=monday, joined=cohort["joined"].date(), learners=cohort["learners"])
        for cohort in cohorts
        # A learner in the west may have joined on a Sunday that was a Monday in UTC.
        if cohort["joined"].date() <= monday
    ]
    _replace(CohortWeek, {"week": monday}, rows)


def roll_month(first: date) -> None:
    _count_active(PeriodKind.MONTH, first, month_after(first))


ROLL: dict[PeriodKind, Callable[[date], None]] = {
    PeriodKind.DAY: roll_day,
    PeriodKind.WEEK: roll_week,
    PeriodKind.MONTH: roll_month,
}


def remove_other_days(first: date, last: date) -> None:
    """The figures of days before and after these, in which nothing has happened any more."""
    for kind, start_of in STARTS.items():
        between = start_of(first), start_of(last)
        ActivePeriod.objects.filter(kind=kind).exclude(start__range=between).delete()
    CohortWeek.objects.exclude(week__range=(monday_of(first), monday_of(last))).delete()
    for model in (XPDay, FreezeDay, QuestionDay):
        model._default_manager.exclude(date__range=(first, last)).delete()


def _replace(model: type[Model], of: dict[str, Any], rows: Iterable[Model]) -> None:
    manager = model._default_manager
    manager.filter(**of).delete()
    manager.bulk_create(rows)


def _active(start: date, end: date) -> Any:
    return of_counted(ActivityDay.objects.filter(kind=DayKind.ACTIVE, date__gte=start, date__lt=end))


def _count_active(kind: PeriodKind, start: date, end: date) -> None:
    learners = _active(start, end).aggregate(learners=Count("learner", distinct=True))["learners"]
    rows = [ActivePeriod(kind=kind, start=start, learners=learners)] if learners else []
    _replace(ActivePeriod, {"kind": kind, "start": start}, rows)


def _roll_xp(day: date) -> None:
    entries = of_counted(LedgerEntry.objects.filter(effective_at__gte=begin(day), effective_at__lt=begin(day + DAY)))
    sums = entries.values("reason", "trust").annotate(xp=Sum("delta"), entries=Count("pk"))
    _replace(XPDay, {"date": day}, [XPDay(date=day, **row) for row in sums])


def _roll_freezes(day: date) -> None:
    events = of_counted(FreezeEvent.objects.filter(date=day))
    counts = events.values("kind").annotate(freezes=Count("pk"))
    _replace(FreezeDay, {"date": day}, [FreezeDay(date=day, **row) for row in counts])


def _roll_questions(day: date) -> None:
    """Of plays those that ended on the day; what nobody answered in them counts neither as right nor as wrong."""
    start, end = begin(day), begin(day + DAY)
    plays = LearningSession.objects.plays().ended().filter(end_time__gte=start, end_time__lt=end)
    in_plays = PlayQuestion.objects.filter(play__session__in=of_counted(plays), correct__isnull=False).order_by()
    in_reviews = of_counted(Review.objects.filter(reviewed_at__gte=start, reviewed_at__lt=end))
    answers: Counter[int] = Counter()
    wrong: Counter[int] = Counter()
    for given in (in_plays, in_reviews):
        counts = given.values("question_id").annotate(answers=Count("pk"), wrong=Count("pk", filter=Q(correct=False)))
        for question, given_in_all, given_wrongly in counts.values_list("question_id", "answers", "wrong"):
            answers[question] += given_in_all
            wrong[question] += given_wrongly
    rows = [QuestionDay(date=day, question_id=key, answers=answers[key], wrong=wrong[key]) for key in sorted(answers)]
    _replace(QuestionDay, {"date": day}, rows)
