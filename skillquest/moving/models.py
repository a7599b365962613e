"""What imports remember: which rows of which source were imported, how far a run came, whose totals are not up to date.

No row names a person: the keys are hashes with a salt of their own, and lead to nobody.
"""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

SALT_BYTES = 32


def new_salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


class ImportSource(models.Model):
    """A system from which history is imported, under the name that staff gave it."""

    name = models.CharField(max_length=30, unique=True)
    salt = models.BinaryField(default=new_salt, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ImportedRow(models.Model):
    """A row that was imported, so that it never is a second time; written in the transaction of its effect.

    `key` is a hash of the row's kind and id, `content` one of what it said.
    """

    source = models.ForeignKey(ImportSource, models.PROTECT, related_name="rows", db_index=False)
    key = models.UUIDField()
    content = models.UUIDField()

    class Meta:
        constraints = [
            # Two imports at once: one of them fails here, and finds the row when it tries again.
            models.UniqueConstraint(fields=["source", "key"], name="imported_row_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.key}"


class ImportRun(models.Model):
    """One pass over one file. `rows_done` and `counts` are saved in the transaction of each portion."""

    source = models.ForeignKey(ImportSource, models.PROTECT, related_name="runs", db_index=False)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the file, the mapping and the options.")
    rows_done = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A second run of the same file continues the one that was interrupted.
            models.UniqueConstraint(
                fields=["source", "fingerprint"], condition=Q(finished_at=None), name="one_unfinished_run"
            ),
        ]
        indexes = [models.Index(fields=["source", "-started_at"], name="runs_newest_first")]

    def __str__(self) -> str:
        return f"{self.source} from {self.started_at}"


class StaleTotals(models.Model):
    """A learner for whom rows were imported, and whose streak and metrics have not been derived again yet."""

    learner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")

    def __str__(self) -> str:
        return str(self.learner_id)
