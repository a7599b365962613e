"""What can be wrong with a reference to a level."""

from rest_framework import status
from rest_framework.exceptions import APIException


class LevelNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "level_not_found"
    default_detail = "There is no such level."


class SectionNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "section_not_found"
    default_detail = "There is no such section of training."


class UnknownLevel(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "unknown_level"
    default_detail = "There is no such level in the catalogue."


class LevelInUse(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "level_in_use"
    default_detail = "Learners have played this level, so it stays. Unpublish it instead."


class LevelLocked(APIException):
    """Not available to this learner; `missing` are the prerequisites not yet passed."""

    status_code = status.HTTP_403_FORBIDDEN
    default_code = "level_locked"

    def __init__(self, level, missing=()):
        reason, sentence = why_locked(level, missing)
        super().__init__(sentence)
        self.extra = {
            "reason": reason,
            "missing": [{"level_id": needed.level_id, "name": needed.name} for needed in missing],
        }


def why_locked(level, missing):
    if level.coming_soon:
        return "coming_soon", f"“{level.name}” is coming soon."
    if not level.unlocked:
        return "not_unlocked", f"“{level.name}” is not open yet."
    names = ", ".join(f"“{needed.name}”" for needed in missing)
    return "prerequisites", f"“{level.name}” is locked. Pass first: {names}."
