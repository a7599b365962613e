"""A file that a member of staff imports, and what it does to each row. Nothing of it is left once it has ended."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class FileImportQuerySet(models.QuerySet["FileImport"]):
    def open(self) -> Self:
        return self.filter(state__in=FileImport.OPEN)

    def locked(self) -> Self:
        """NO KEY, like every lock of the product."""
        return self.select_for_update(no_key=True, of=("self",))


class FileImport(models.Model):
    """`content` and the rows are removed when it has ended; the counts stay."""

    class State(models.TextChoices):
        COMPARING = "comparing", "being compared"
        COMPARED = "compared", "compared, nothing is saved yet"
        REQUESTED = "requested", "waits for a second person"
        APPLYING = "applying", "being imported"
        DONE = "done"
        DISCARDED = "discarded"

    OPEN = (State.COMPARING, State.COMPARED, State.REQUESTED, State.APPLYING)

    kind = models.CharField(max_length=30, help_text="The name of a resource.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.COMPARING)
    file_name = models.CharField(max_length=100)
    ending = models.CharField(max_length=4)
    content = models.BinaryField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of what the file does.")
    counts: Any = models.JSONField(default=dict, help_text="Verdict -> number of rows.")
    reason = models.CharField(max_length=100, blank=True, help_text="For the history of the rows.")
    message = models.TextField(blank=True, help_text="Why nothing can be compared, or was imported.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = FileImportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            # The file, which may have data of people, does not outlive the import.
            models.CheckConstraint(
                condition=Q(content__isnull=True) | Q(finished_at__isnull=True), name="import_ends_without_its_file"
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}: {self.file_name}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def to_write(self) -> int:
        return int(self.counts.get("new", 0) + self.counts.get("changed", 0))


class ImportRow(models.Model):
    class Verdict(models.TextChoices):
        NEW = "new"
        CHANGED = "changed"
        REFUSED = "refused"
        UNCHANGED = "unchanged"

    source = models.ForeignKey(FileImport, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(help_text="As a spreadsheet numbers it.")
    key = models.CharField(max_length=200, blank=True)
    cells: Any = models.JSONField(default=dict)
    unreadable: Any = models.JSONField(default=list, help_text="What reading found: lists of column and reason.")
    faults: Any = models.JSONField(default=list, help_text="All that is wrong with it: lists of column and reason.")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True)
    changes: Any = models.JSONField(default=dict, help_text="Column -> [before, after].")
    needs_second = models.BooleanField(default=False, help_text="A second person has to approve it.")
    place = models.PositiveIntegerField(default=0, help_text="In which order rows are written.")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="import_row_once")]

    def __str__(self) -> str:
        return f"Row {self.number}: {self.key}"
