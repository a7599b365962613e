"""Challenges: levels whose score is a percentage, and whose XP goes with it."""

from django.utils.text import slugify
from rest_framework.exceptions import ValidationError

from .choices import Kind, XPRule
from .models import Level
from .services import save_level

# What makes a level a challenge; the category can be changed.
CHALLENGE = {
    "kind": Kind.CHALLENGE.value,
    "category": "Challenges",
    "xp_rule": XPRule.PROPORTIONAL.value,
    "max_score": 100,
    "pass_score": 70,
}
SPOKEN = {"name": "title", "xp_reward": "xp"}  # a level's field, as clients of challenges call it


def new_challenge(*, created_by) -> Level:
    return Level(created_by=created_by, **CHALLENGE)


def save_challenge(*, level: Level, fields: dict) -> Level:
    """Insert or change it; a new one without a level_id gets the slug of its name. Raise ValidationError by field."""
    makes_slug = not level.pk and "level_id" not in fields
    if makes_slug:
        fields = {**fields, "level_id": _slug_of(fields["name"])}
    try:
        return save_level(level=level, fields=fields)
    except ValidationError as error:
        raise ValidationError(_spoken(error.detail, fields["level_id"] if makes_slug else None)) from error


def _slug_of(name: str) -> str:
    slug = slugify(name)[:100]
    if not slug:
        raise ValidationError({"level_id": "None can be made out of this title. Send one."})
    return slug


def _spoken(errors, slug: str | None):
    """The errors under the names that were sent; one about a slug that nobody sent says which, and what to do."""
    if not isinstance(errors, dict):
        return errors
    if slug and "level_id" in errors:
        made = f"The title makes “{slug}”. Send a level_id of your own."
        errors = {**errors, "level_id": [*errors["level_id"], made]}
    return {SPOKEN.get(name, name): messages for name, messages in errors.items()}
