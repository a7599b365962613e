"""Erasing a learner: what people wrote about them is removed, the ledger entries stay without a person."""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet

from approvals.models import ApprovalRequest
from gamification.leaderboards.score_updates import refresh_listed
from gamification.ledger.triggers import maintenance_mode
from gamification.models import (
    AppliedAmnesty,
    BadgeAward,
    DayRepair,
    DayUsage,
    LearnerProfile,
    LedgerEntry,
    PreviewedLearner,
    StandingChange,
    TimeZoneChange,
)
from gamification.profiles.locking import lock_profile
from gamification.profiles.totals import save_totals
from hotsql.writes import update_rows
from jobs.models import Job

ERASED = "[erased]"  # replaces an erased text
ADJUSTMENT = "adjustment"


@transaction.atomic
def erase_learner(learner_id: int, *, at: datetime) -> None:
    """Scrub everything that people wrote about the learner; nothing is recorded afterwards. Raise LearnerErased.

    XP, days, freezes, unlocks and awards stay: numbers and dates that add up, without a person.
    """
    profile, requests = lock_learner(learner_id)
    references = _scrub_entries(learner_id)
    _scrub_requests(requests, references, at)
    Job.objects.filter(learner=learner_id).update(note="")
    BadgeAward.objects.filter(learner=learner_id).update(note="", metadata={})
    StandingChange.objects.filter(learner=learner_id).update(reason=ERASED, note=ERASED)
    DayRepair.objects.filter(learner=learner_id).update(reason=ERASED, note=ERASED)
    TimeZoneChange.objects.filter(learner=learner_id).delete()
    for model in (DayUsage, AppliedAmnesty, PreviewedLearner):
        model.objects.filter(learner=learner_id).delete()
    # Opted out, so that the learner stays off the leaderboards even if the account is activated again by mistake.
    profile.time_zone, profile.time_zone_since, profile.leaderboard_opt_out, profile.erased_at = "UTC", None, True, at
    save_totals([profile], ["time_zone", "time_zone_since", "leaderboard_opt_out", "erased_at"], at=at)
    refresh_listed(learner_id, at=at)


def lock_learner(learner_id: int) -> tuple[LearnerProfile, list[ApprovalRequest]]:
    """Wait for what is under way for the learner, and lock out what comes after it. Raise LearnerErased."""
    # As in `approvals`, and while a job runs: requests and jobs first, then the profile.
    requests = lock_requests(learner_id)
    return lock_profile(learner_id), requests


def lock_requests(learner_id: int) -> list[ApprovalRequest]:
    """Lock the requests and the jobs that are about the learner; return the requests."""
    requests = list(ApprovalRequest.objects.locked().filter(learner=learner_id).order_by("pk"))
    list(Job.objects.locked().filter(learner=learner_id).order_by("pk"))
    return requests


def texts_of_staff() -> Iterator[tuple[QuerySet, list[str]]]:
    """Rows, and their fields, in which staff wrote texts about any learner."""
    # Entries without an actor were written by the code; the others have an index.
    yield LedgerEntry.objects.filter(actor__isnull=False), ["note"]
    yield ApprovalRequest.objects.all(), ["reason", "note", "decision_note"]
    yield BadgeAward.objects.all(), ["note"]
    yield Job.objects.exclude(note=""), ["note"]
    yield StandingChange.objects.all(), ["reason", "note"]
    yield DayRepair.objects.all(), ["reason", "note"]


def find_mentions(rows: QuerySet, fields: list[str], names: Iterable[str]) -> list[tuple[Model, dict[str, str]]]:
    """Rows that name somebody, each with its fields as they would be without the names."""
    names = sorted(filter(None, names), key=len, reverse=True)  # one may begin with another
    if not names:
        return []
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)", re.IGNORECASE)
    somewhere = Q()
    for field in fields:
        for name in names:
            somewhere |= Q(**{f"{field}__icontains": name})
    found = ((row, _struck(row, fields, pattern)) for row in rows.filter(somewhere).order_by("pk"))
    return [(row, struck) for row, struck in found if struck]


@transaction.atomic
def strike_out(mentions: Iterable[tuple[Model, dict[str, str]]]) -> None:
    """One statement for each kind of row and each combination of fields."""
    rows = defaultdict(list)
    for row, struck in mentions:
        for name, text in struck.items():
            setattr(row, name, text)
        rows[type(row), tuple(sorted(struck))].append(row)
    with maintenance_mode(connection):
        for (_, names), changed in rows.items():
            update_rows(changed, names)


def _struck(row: Model, fields: list[str], pattern: re.Pattern) -> dict[str, str]:
    texts = {field: getattr(row, field) for field in fields}
    return {field: pattern.sub(ERASED, text) for field, text in texts.items() if pattern.search(text)}


def _scrub_entries(learner_id: int) -> dict[str, str]:
    """Remove texts and replace the references of adjustments, which may contain a name; return {old: new}."""
    entries = LedgerEntry.objects.filter(learner=learner_id)
    adjustments = list(entries.filter(reference_type=ADJUSTMENT).order_by("pk"))
    references = {entry.reference_id: str(uuid.uuid4()) for entry in adjustments}
    for entry in adjustments:
        entry.reference_id, entry.metadata = references[entry.reference_id], {}
    with maintenance_mode(connection):
        entries.exclude(note="").update(note="")
        update_rows(adjustments, ["reference_id", "metadata"])
    return references


def _scrub_requests(requests: list[ApprovalRequest], references: dict[str, str], at: datetime) -> None:
    """Keep the numbers. The fingerprint goes too, since a short text can be guessed from its hash."""
    for request in requests:
        payload = {name: value for name, value in request.payload.items() if isinstance(value, int)}
        if reference_id := references.get(request.payload.get("reference_id", "")):
            payload["reference_id"] = reference_id
        request.payload, request.fingerprint = payload, ""
        request.reason, request.note, request.decision_note = ERASED, ERASED, ""
        if request.is_waiting:
            request.status, request.decided_at = ApprovalRequest.Status.DECLINED, at
    texts = ["payload", "fingerprint", "reason", "note", "decision_note"]
    update_rows(requests, [*texts, "status", "decided_at"])
