"""What remains of completions when a learner is erased: levels, scores and dates, without free texts."""

from datetime import datetime

from tracking.models import Completion, IdempotencyKey, LearningSession
from tracking.recording.metadata import without_words

from .rebuilding import rebuild_profile


def leave_sessions(learner_id: int) -> None:
    """Before the profile is locked, as everywhere: no session stays open."""
    for session in LearningSession.objects.locked().open().filter(learner=learner_id).order_by("pk"):
        session.abandon()


def scrub_deeds(learner_id: int, *, at: datetime) -> None:
    """After it, when all that was under way is there: clients may have put anything into keys, ids and free texts.

    Then the derived totals are computed again, since hours of the day are in UTC from now on.
    """
    IdempotencyKey.objects.filter(user=learner_id).delete()
    completions = Completion.objects.filter(learner=learner_id)
    completions.exclude(client_event_id=None).update(client_event_id=None)
    for completion in completions.exclude(metadata={}).defer("answer").iterator():
        if (kept := without_words(completion.metadata)) != completion.metadata:
            completions.filter(pk=completion.pk).update(metadata=kept)
    rebuild_profile(learner_id, at=at)
