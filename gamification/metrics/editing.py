"""What staff may do to a metric: make one and change its numbers; delete it as long as nothing needs it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models, transaction

from gamification.models import Achievement, Badge, BoardPolicy, Metric

from .reading import forget_words


@transaction.atomic
def delete_metric(metric: Metric) -> None:
    """Raise ValidationError, with the reason, where it is needed."""
    locked = Metric.objects.select_for_update().get(pk=metric.pk)
    if refusal := deletion_refusal(locked):
        raise ValidationError(refusal)
    BoardPolicy.objects.filter(metric=locked.board).delete()
    models.Model.delete(locked)
    forget_words()


def deletion_refusal(metric: Metric) -> str:
    """Why the metric cannot be deleted; empty if it can."""
    if metric.built_in:
        return f"“{metric}” is built in."
    if users := users_of(metric):
        return f"“{metric}” is needed by the condition of {users[0]}."
    if metric.is_used():
        return f"“{metric}” has been reported by learners. Take it out of use instead: not published."
    return ""


def note_saved(metrics: Iterable[Metric]) -> None:
    """Call it after saving: each has a board with a policy, and conditions describe it by its new words."""
    _ensure_board_policies(metrics)
    forget_words()


def _ensure_board_policies(metrics: Iterable[Metric]) -> None:
    """Existing ones are not changed."""
    boards = {metric.board for metric in metrics if not metric.built_in}
    missing = boards - set(BoardPolicy.objects.filter(metric__in=boards).values_list("metric", flat=True))
    BoardPolicy.objects.bulk_create(BoardPolicy(metric=board) for board in sorted(missing))


def users_of(metric: Metric) -> list[Achievement | Badge]:
    """The achievements and badges whose conditions name it."""
    return [
        owner
        for model in (Achievement, Badge)
        for owner in model._default_manager.filter(requirements__metric=metric.metric_id).distinct()
    ]
