"""What staff do to levels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import as_serializer_error

from .errors import LevelInUse, LevelRequired
from .models import Level, LevelChange, Section, Unit
from .prerequisites import refuse_cycle

CHANGED_MEANWHILE = later("Somebody else has changed the catalogue at the same time. Read the level again.")


@transaction.atomic
def save_level(
    *, level: Level, fields: Mapping[str, Any], prerequisites: Sequence[str] | None = None, confirmed: bool = False
) -> Level:
    """Insert or change a level. `prerequisites` are level_ids; None leaves them as they are.

    Raises ValidationError by field, and LevelRequired if other levels require one that is to be unpublished, unless
    this is `confirmed`.
    """
    if level.pk and fields.get("level_id", level.level_id) != level.level_id:
        raise ValidationError({"level_id": _("An identifier that was given out never changes.")})
    if level.pk and level.published and not fields.get("published", True) and not confirmed:
        refuse_required(level)
    for name, value in fields.items():
        setattr(level, name, value)
    try:
        # The database checks its constraints anyway; `clean` gives readable messages for the same rules.
        level.full_clean(validate_constraints=False)
        needed = None if prerequisites is None else _prerequisites_for(level, prerequisites)
    except ModelError as error:
        raise ValidationError(as_serializer_error(error)) from error
    _write(level, fields)
    if needed is not None:
        set_prerequisites(level=level, needed=needed)
    return level


@transaction.atomic
def set_prerequisites(*, level: Level, needed: Iterable[Level]) -> None:
    """Keeps what they were before (LevelChange) if they change."""
    stored = Level.objects.select_for_update(no_key=True).get(pk=level.pk)
    if set(stored.prerequisites.values_list("pk", flat=True)) == {other.pk for other in needed}:
        return
    level.rules_changed_at = timezone.now()
    LevelChange.objects.record([stored], at=level.rules_changed_at)
    Level.objects.filter(pk=level.pk).update(rules_changed_at=level.rules_changed_at)
    level.prerequisites.set(needed)


@transaction.atomic
def delete_level(*, level: Level, confirmed: bool = False) -> None:
    """Raises LevelInUse if it was played; LevelRequired if other levels require it, unless this is `confirmed`."""
    if not confirmed:
        refuse_required(level)
    try:
        with transaction.atomic():
            level.delete()
    except (ProtectedError, IntegrityError) as error:
        raise LevelInUse from error


@transaction.atomic
def move_unit(*, unit: Unit, section: Section) -> int:
    """Move the unit to another section, and its levels with it; answers how many levels moved."""
    count = Level.objects.in_unit(unit).update(category=section.section_id)
    unit.section = section
    unit.save(update_fields=["section"])
    return count


def refuse_required(level: Level) -> None:
    if required_by := list(level.required_by.order_by("level_id")):
        raise LevelRequired(required_by)


def _prerequisites_for(level: Level, level_ids: Sequence[str]) -> list[Level]:
    needed = list(Level.objects.filter(level_id__in=level_ids))
    if unknown := sorted(set(level_ids) - {found.level_id for found in needed}):
        raise ModelError({"prerequisites": _("There is no level %(unknown)s.") % {"unknown": ", ".join(unknown)}})
    try:
        refuse_cycle(level_id=level.level_id, prerequisites=level_ids)
    except ModelError as error:
        raise ModelError({"prerequisites": error.messages}) from error
    return needed


def _write(level: Level, fields: Mapping[str, Any]) -> None:
    # Only the fields of the request: a change of another field must not be undone.
    changed = None if level._state.adding else [*fields, "updated_at"]
    try:
        with transaction.atomic():
            level.save(update_fields=changed)
    except IntegrityError as error:  # another transaction, after `full_clean`
        raise ValidationError(CHANGED_MEANWHILE) from error
