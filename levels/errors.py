"""Problems with levels that the API answers with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext
from rest_framework import status
from rest_framework.exceptions import APIException

if TYPE_CHECKING:
    from .models import Level


class LevelNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "level_not_found"
    default_detail = later("There is no such level.")


class SectionNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "section_not_found"
    default_detail = later("There is no such section of training.")


class UnknownLevel(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "unknown_level"
    default_detail = later("There is no such level in the catalogue.")


class LevelInUse(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "level_in_use"
    default_detail = later("Learners have played this level, so it stays. Unpublish it instead.")


class LevelRequired(APIException):
    """Other levels have it as a prerequisite; `required_by` are those levels."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "level_required"

    def __init__(self, required_by: Sequence["Level"]) -> None:
        super().__init__(_("%(warning)s Send confirmed=true to go on.") % {"warning": warn_required(required_by)})
        self.extra = {"required_by": [reference(level) for level in required_by]}


# Why a learner cannot play a level, in the order in which the reasons are looked at.
LOCK_REASONS = ("coming_soon", "not_unlocked", "prerequisites")


class LevelLocked(APIException):
    """Not available to this learner; `missing` are the prerequisites not yet passed."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "level_locked"

    def __init__(self, level: "Level", missing: Sequence["Level"] = ()) -> None:
        reason, sentence = why_locked(level, missing)
        super().__init__(sentence)
        self.extra = {"reason": reason, "missing": [reference(needed) for needed in missing]}


def reference(level: "Level") -> dict[str, str]:
    return {"level_id": level.level_id, "name": level.shown.name}


def warn_required(required_by: Sequence["Level"]) -> str:
    """What becomes of levels when their prerequisite is unpublished or deleted; names at most five."""
    names = ", ".join(f"“{level.name}”" for level in required_by[:5])
    if more := len(required_by) - 5 if len(required_by) > 5 else 0:
        names = _("%(names)s and %(more)s more") % {"names": names, "more": more}
    return ngettext(
        "%(names)s requires this level and will open without it.",
        "%(names)s require this level and will open without it.",
        len(required_by),
    ) % {"names": names}


def why_locked(level: "Level", missing: Sequence["Level"]) -> tuple[str, str]:
    """(reason, sentence); the reason is one of LOCK_REASONS."""
    if level.coming_soon:
        return "coming_soon", _("“%(name)s” is coming soon.") % {"name": level.shown.name}
    if not level.unlocked:
        return "not_unlocked", _("“%(name)s” is not open yet.") % {"name": level.shown.name}
    names = ", ".join(f"“{needed.shown.name}”" for needed in missing)
    return "prerequisites", _("“%(name)s” is locked. Pass first: %(names)s.") % {
        "name": level.shown.name,
        "names": names,
    }
