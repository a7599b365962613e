"""Which operations accept a server key: views say it, `skillquest.machines` enforces it, the API's documents show it.

A view accepts keys only where it says so, in class attributes (or the options of an `@action`):

    key_scopes = {"GET": "read", "POST": "track"}      # method -> the scope that a key needs
    learner_in_header = LearnerHeader.OPTIONAL         # by default REQUIRED
"""

from enum import StrEnum
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

LEARNER_HEADER = "SkillQuest-Learner"


class Scope(StrEnum):
    """What a key may do."""

    LEARNERS = "learners"  # create, change and erase learners, and issue tokens for them
    TRACK = "track"  # report results for learners
    READ = "read"  # read what a learner may read, and catalogues and boards
    AWARD = "award"  # give and take XP by hand


class LearnerHeader(StrEnum):
    """Whether the header `SkillQuest-Learner` names the learner of the request."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    UNUSED = "unused"  # the path or the body names learners


class OnlyServerKeys(BasePermission):
    """For views that people cannot use."""

    message = "This takes a server key."

    def has_permission(self, request: Request, view: Any) -> bool:  # noqa: ARG002 (DRF's signature)
        return sent_by_key(request)


def scope_needed(view: Any, method: str) -> str | None:
    """The scope that a key needs for this request; None where keys are refused."""
    scopes: dict[str, str] = getattr(view, "key_scopes", {})
    return scopes.get("GET" if method == "HEAD" else method)


def learner_header_of(view: Any) -> LearnerHeader:
    return LearnerHeader(getattr(view, "learner_in_header", LearnerHeader.REQUIRED))


def sent_by_key(request: Request) -> bool:
    """`request.auth` of every other sign-in is an AuthSession or None, and has no such attribute."""
    return getattr(request.auth, "is_server_key", False)


def sent_by_test_key(request: Request) -> bool:
    return sent_by_key(request) and getattr(request.auth, "is_test", False)
