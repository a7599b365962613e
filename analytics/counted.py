"""Whom the figures count: everybody who has a profile, without test learners and people who were erased."""

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from gamification.models import LearnerKind, LearnerProfile

LEFT_OUT = Q(kind=LearnerKind.TEST) | Q(erased_at__isnull=False)
Row = TypeVar("Row", bound=Model)


def counted_learners() -> "QuerySet[LearnerProfile]":
    return LearnerProfile.objects.exclude(LEFT_OUT)


def of_counted(rows: "QuerySet[Row]", learner: str = "learner") -> "QuerySet[Row]":
    """`learner` is the path from the rows to the learner."""
    left_out = LearnerProfile.objects.filter(LEFT_OUT, pk=OuterRef(learner))
    return rows.filter(~Exists(left_out)).order_by()
