"""Requests for adjustments that need the approval of a second person."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from .ledger import MAX_DELTA, LedgerEntry


class RequestQuerySet(models.QuerySet):
    def waiting(self) -> "RequestQuerySet":
        return self.filter(status=AdjustmentRequest.Status.WAITING)

    def locked(self) -> "RequestQuerySet":
        """Lock the rows. NO KEY: a plain FOR UPDATE deadlocks with foreign key checks of other transactions."""
        return self.select_for_update(no_key=True, of=("self",))


class AdjustmentRequest(models.Model):
    """XP that one member of staff wants to give or take; it takes effect when another one approves it."""

    class Status(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    amount = models.BigIntegerField(validators=[MinValueValidator(-MAX_DELTA), MaxValueValidator(MAX_DELTA)])
    reason = models.CharField(max_length=100, help_text="What the learner may read.")
    note = models.TextField(help_text="For colleagues and auditors.")
    reference_id = models.CharField(max_length=100, help_text="Identifies the adjustment, which is paid once.")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    entry = models.OneToOneField(
        LedgerEntry, models.PROTECT, null=True, related_name="request", verbose_name="ledger entry"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        constraints = [
            # A double click creates one request.
            models.UniqueConstraint(fields=["learner", "reference_id"], name="adjustment_asked_once"),
            # Nobody approves their own request, even if the code above fails to check it.
            models.CheckConstraint(
                condition=~Q(status="approved") | ~Q(decided_by=F("requested_by")), name="approved_by_another"
            ),
            # Nobody requests or approves XP for themselves.
            models.CheckConstraint(
                condition=~Q(requested_by=F("learner")) & (~Q(status="approved") | ~Q(decided_by=F("learner"))),
                name="adjustment_not_ones_own",
            ),
            # An approved request has an entry and an approver, any other request has no entry.
            models.CheckConstraint(
                condition=Q(status="approved", entry__isnull=False, decided_by__isnull=False)
                | Q(~Q(status="approved"), entry__isnull=True),
                name="approved_means_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d} XP for {self.learner}"
