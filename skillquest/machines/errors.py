"""Refusals of server keys."""

from rest_framework.exceptions import APIException, AuthenticationFailed, PermissionDenied


class InvalidServerKey(AuthenticationFailed):
    """The same for every key that is not accepted; the security log has the reason."""

    default_code = "invalid_server_key"
    default_detail = "This server key is not accepted."


class KeyNotAccepted(PermissionDenied):
    default_code = "key_not_accepted"
    default_detail = "Server keys cannot do this."


class ScopeMissing(PermissionDenied):
    default_code = "scope_missing"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This takes a server key with the scope {scope}.")


class LearnerRequired(APIException):
    status_code = 400
    default_code = "learner_required"
    default_detail = "Name the learner in the header SkillQuest-Learner, by their external id."


class IdempotencyKeyNeedsLearner(APIException):
    status_code = 400
    default_code = "idempotency_key_needs_learner"
    default_detail = (
        "With a server key, an Idempotency-Key belongs to the learner that SkillQuest-Learner names. Without one, "
        "leave it out: events are recognised by their own ids."
    )
