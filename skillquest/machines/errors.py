"""Refusals of server keys."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied


class InvalidServerKey(AuthenticationFailed):
    """The same for every key that is not accepted; the security log has the reason."""

    default_code = "invalid_server_key"
    default_detail = later("This server key is not accepted.")


class KeyNotAccepted(PermissionDenied):
    default_code = "key_not_accepted"
    default_detail = later("Server keys cannot do this.")


class ScopeMissing(PermissionDenied):
    default_code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(_("This takes a server key with the scope %(scope)s.") % {"scope": scope})


class LearnerRequired(APIException):
    status_code = 400
    default_code = "learner_required"
    default_detail = later("Name the learner in the header SkillQuest-Learner, by their external id.")


class IdempotencyKeyNeedsLearner(APIException):
    status_code = 400
    default_code = "idempotency_key_needs_learner"
    default_detail = later(
        "With a server key, an Idempotency-Key belongs to the learner that SkillQuest-Learner names. Without one, "
        "leave it out: events are recognised by their own ids."
    )
