from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from rest_framework import status
from rest_framework.exceptions import APIException


class TrackingDisabled(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "tracking_disabled"
    default_detail = later("The server does not track this learner.")


class SessionNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "session_not_found"
    default_detail = later("There is no such session.")


class SessionAbandoned(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "session_abandoned"
    default_detail = later("This session was abandoned: another one was started, or it was open for too long.")


class SessionAlreadyEnded(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "session_already_ended"
    default_detail = later("This session has ended with another score.")


class VerifiedOnly(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "verified_only"
    default_detail = later("Only plays count on this level: the server judges the answers.")


class LevelHasNoContent(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "level_has_no_content"
    default_detail = later("This level has no questions.")


class SessionIsPlay(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "session_is_play"
    default_detail = later("This session is a play. Finish it: the server computes its score.")


class PlayFinished(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "play_finished"
    default_detail = later("This play is finished.")


class QuestionNotFound(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "question_not_found"
    default_detail = later("This play has no such question.")


class NoHint(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "no_hint"
    default_detail = later("This question has no hint.")


class AlreadyAnswered(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "already_answered"
    default_detail = later("This question was answered, with another answer.")


class QuestionChanged(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "question_changed"
    default_detail = later("This question was changed since it was shown. Load the play again.")


class AnswerNotUnderstood(APIException):
    """The answer does not have the form that the kind of its question asks for."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid_answer"
    default_detail = later("This is no answer to a question of this kind.")

    def __init__(self, problem: str = "") -> None:
        super().__init__()
        self.extra = {"errors": {"answer": [problem or str(self.default_detail)]}}


class NotDue(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "not_due"
    default_detail = later("This question is not due yet.")


class EventIdReused(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "event_id_reused"
    default_detail = later("This client_event_id stands for another completion.")


class ScoreTooHigh(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"
    default_detail = later("The score is above the level's maximum.")

    def __init__(self, max_score: int) -> None:
        super().__init__()
        self.extra = {"errors": {"score": [_("Must be between 0 and %(most)s.") % {"most": max_score}]}}


class UnknownMetric(APIException):
    status_code = status.HTTP_404_NOT_FOUND
    default_code = "unknown_metric"
    default_detail = later("There is no such metric.")


class MetricNotAccepted(APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "metric_not_accepted"
    default_detail = later(
        "This metric is not reported in this way: the server counts it, or only server keys report it."
    )


class ValueTooHigh(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"
    default_detail = later("The value is above what one event of this metric may have.")

    def __init__(self, per_event_max: int) -> None:
        super().__init__()
        self.extra = {"errors": {"value": [_("Must be between 1 and %(most)s.") % {"most": per_event_max}]}}


class ClockOutOfRange(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "clock_out_of_range"

    def __init__(self) -> None:
        back, ahead = settings.EVENT_MAX_AGE.days, settings.EVENT_MAX_AHEAD // timedelta(minutes=1)
        super().__init__(
            _("occurred_at may lie at most %(back)s days back and %(ahead)s minutes ahead.")
            % {"back": back, "ahead": ahead}
        )


class IdempotencyKeyReused(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = later("This Idempotency-Key was used for another request.")


class IdempotencyKeyInFlight(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_in_flight"
    default_detail = later("The first request with this Idempotency-Key is still running. Try again shortly.")


class IdempotencyQuotaExceeded(APIException):
    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "idempotency_quota_exceeded"
    default_detail = later("Too many answers are kept for you. Send the request without Idempotency-Key, or later.")

    def __init__(self, wait: float = 1) -> None:
        super().__init__()
        self.wait = wait  # seconds


class InvalidIdempotencyKey(APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid_idempotency_key"
    default_detail = later("Idempotency-Key takes 1 to 255 printable ASCII characters.")


class HistoryTooLong(APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "history_too_long"
    default_detail = later("These two accounts have too many results to be merged at once. Staff can merge them.")


class MergeInterrupted(APIException):
    """A result came in between; a new transaction may succeed."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "merge_interrupted"
    default_detail = later("Results are being sent as this guest. Send them first, then try again.")


class RecalculationRefused(APIException):
    """Staff read the detail, which says why."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "recalculation_refused"
