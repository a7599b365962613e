from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

# Waiting ones by age, the oldest first; then the decided ones, the newest first.
WAITING_FIRST: list[Any] = [
    Case(When(status="waiting", then=Value(0)), default=Value(1)).asc(),
    F("decided_at").desc(),
    F("requested_at").asc(),
    F("pk").asc(),
]


class RequestQuerySet(models.QuerySet["ApprovalRequest"]):
    def waiting(self) -> Self:
        return self.filter(status=ApprovalRequest.Status.WAITING)

    def locked(self) -> Self:
        """Lock the rows. NO KEY: a plain FOR UPDATE deadlocks with foreign key checks of other transactions."""
        return self.select_for_update(no_key=True, of=("self",))


class ApprovalRequest(models.Model):
    """A change that one member of staff asks for; it takes effect when another one approves it.

    The rows stay after the decision, as a record of who asked and who decided.
    """

    class Status(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    kind = models.CharField(max_length=40, help_text="The name of an ApprovalKind.")
    subject = models.CharField(max_length=120, help_text="What it is about, such as level:12 or learner:7.")
    fingerprint = models.CharField(max_length=64, help_text="Equal for requests that ask for the same.")
    payload = models.JSONField(default=dict, help_text="What is applied when it is approved.")
    xp = models.BigIntegerField("XP at stake", default=0)
    summary = models.CharField(max_length=300)
    learner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Whose XP it changes, if it is about one learner.",
    )
    reason = models.CharField(max_length=100, blank=True, help_text="What the learner may read.")
    note = models.TextField(blank=True, help_text="For colleagues and auditors.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True, help_text="By whoever decided.")
    result = models.JSONField(default=dict, help_text="What became of it, such as the ledger entry.")

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "approvals"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            # A double click creates one request.
            models.UniqueConstraint(
                fields=["kind", "subject", "fingerprint"], condition=Q(status="waiting"), name="approval_asked_once"
            ),
            # Nobody approves their own request, even if the code above fails to check it.
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(Q(decided_by__isnull=False), ~Q(decided_by=F("requested_by"))),
                name="approval_by_another",
            ),
            # Nobody requests or approves XP for themselves.
            models.CheckConstraint(
                condition=Q(learner__isnull=True)
                | (~Q(requested_by=F("learner")) & (~Q(status="approved") | ~Q(decided_by=F("learner")))),
                name="approval_not_ones_own_xp",
            ),
            # Only a request that waits has no time of decision.
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at__isnull=True, decided_by__isnull=True)
                | Q(~Q(status="waiting"), decided_at__isnull=False),
                name="approval_decided_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.WAITING
