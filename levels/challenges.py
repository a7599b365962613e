"""Challenges: levels whose score is a percentage, and whose XP goes with it."""

from datetime import datetime
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from approvals.models import ApprovalRequest

from .approvals import save_or_request
from .choices import Kind, XPRule
from .models import Level

# What makes a level a challenge; the category can be changed.
CHALLENGE = {
    "kind": Kind.CHALLENGE.value,
    "category": "Challenges",
    "xp_rule": XPRule.PROPORTIONAL.value,
    "max_score": 100,
    "pass_score": 70,
}
CHALLENGE_NAMES = {"name": "title", "xp_reward": "xp"}  # a level's field: what clients of challenges call it


def new_challenge(*, created_by_id: int | None) -> Level:
    return Level(created_by_id=created_by_id, **CHALLENGE)


def save_challenge(
    *, level: Level, fields: dict[str, Any], actor: Any, at: datetime, confirmed: bool = False
) -> Level | ApprovalRequest:
    """As `save_or_request`; a new one without a level_id gets the slug of its name."""
    makes_slug = not level.pk and "level_id" not in fields
    if makes_slug:
        fields = {**fields, "level_id": _slug_of(fields["name"])}
    try:
        return save_or_request(level=level, fields=fields, actor=actor, at=at, confirmed=confirmed)
    except ValidationError as error:
        made = fields["level_id"] if makes_slug else None
        raise ValidationError(_under_challenge_names(error.detail, made)) from error


def _slug_of(name: str) -> str:
    slug = slugify(name)[:100]
    if not slug:
        raise ValidationError({"level_id": _("None can be made out of this title. Send one.")})
    return slug


def _under_challenge_names(errors: Any, slug: str | None) -> Any:
    """The errors by the names of the request's fields; one about a slug that was made says so."""
    if not isinstance(errors, dict):
        return errors
    if slug and "level_id" in errors:
        made = _("The title makes “%(slug)s”. Send a level_id of your own.") % {"slug": slug}
        errors = {**errors, "level_id": [*errors["level_id"], made]}
    return {CHALLENGE_NAMES.get(name, name): messages for name, messages in errors.items()}
