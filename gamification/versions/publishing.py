"""The life of a version of rules or limits: draft, published, retired."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from catalogues.editing import fingerprint
from gamification.errors import DraftChanged, NotADraft, OtherRulesInForce
from gamification.models.versions import Version

V = TypeVar("V", bound=Version)


@dataclass(frozen=True)
class Comparison:
    """What staff saw before they published: the version in force, and the fingerprint of the draft beside it."""

    in_force: int
    draft: str


@transaction.atomic
def publish_version(draft: V, *, at: datetime, compared: Comparison | None = None) -> V:
    """Publish a draft as it is stored; the version before it retires.

    Raise NotADraft; OtherRulesInForce or DraftChanged if what was `compared` has changed since; or ValidationError.
    """
    model: Any = type(draft)
    # Locked, so that nobody edits or publishes one of them until this transaction ends.
    versions = {row.version: row for row in model.objects.select_for_update(no_key=True).order_by("version")}
    stored: V | None = versions.get(draft.version)
    if stored is None or stored.status != Version.Status.DRAFT:
        raise NotADraft
    if compared:
        _refuse_changes(compared, stored, versions)
    stored.full_clean()
    model.objects.published().update(status=Version.Status.RETIRED)
    stored.status, stored.published_at = Version.Status.PUBLISHED, at
    stored.save()
    return stored


def ensure_first_version(model: Any, using: str) -> None:
    """A fresh database has version 1, the default numbers, in force."""
    versions = model.objects.using(using)
    if not versions.exists():
        published = {"status": Version.Status.PUBLISHED, "published_at": timezone.now()}
        first = model(version=1, note="The numbers to begin with.", **published)
        first.skip_history_when_saving = True  # its table may be made by a later migration
        first.save(using=using)


def _refuse_changes(compared: Comparison, draft: Version, versions: dict[int, Version]) -> None:
    in_force = versions.get(compared.in_force)
    if in_force is None or in_force.status != Version.Status.PUBLISHED:
        raise OtherRulesInForce
    if fingerprint(draft) != compared.draft:
        raise DraftChanged
