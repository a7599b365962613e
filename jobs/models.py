"""Work that takes longer than a request: one row for each, with its progress."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> Self:
        return self.filter(state__in=Job.UNFINISHED)

    def locked(self) -> Self:
        """NO KEY, like every lock of the product."""
        return self.select_for_update(no_key=True, of=("self",))

    def claimable(self) -> Self:
        """Unfinished jobs that nobody runs at this moment, the one that has waited longest first; locked.

        Whoever runs a job holds its row, so the lock of a process that was killed ends with its connection.
        """
        free = self.unfinished().select_for_update(skip_locked=True, no_key=True, of=("self",))
        return free.order_by("heartbeat", "pk")


class Job(models.Model):
    """A long operation, run in portions. `params` never change; `cursor` is where the next portion continues.

    Neither contains texts: what staff wrote is in `note`, which is removed when the person it is about is erased.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    UNFINISHED = (State.WAITING, State.RUNNING)

    kind = models.CharField(max_length=60, help_text="What is done; the code registers a function under this name.")
    params = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, help_text="How much there is to do, as far as that is known.")
    cursor: Any = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="The person it is about."
    )
    note = models.TextField(blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat = models.DateTimeField(
        help_text="When the latest portion was run; before the first, when it was created."
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            # Runners ask for it every few seconds; few jobs are unfinished.
            models.Index(
                fields=["heartbeat", "id"], condition=Q(state__in=("waiting", "running")), name="unfinished_jobs"
            ),
        ]

    def __str__(self) -> str:
        return f"Job {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.UNFINISHED

    @property
    def percent(self) -> int | None:
        """None while it is not known how much there is to do."""
        return min(100, self.done * 100 // self.total) if self.total else None
