"""What is left of a learner's deeds when the person is erased: levels, scores and dates, in nobody's words."""

from datetime import datetime

from django.conf import settings

from .models import Completion, IdempotencyKey, LearningSession
from .rebuilding import rebuild_profile


def leave_sessions(learner_id: int) -> None:
    """Before the profile is locked, as everywhere: kept answers go, and no session stays open."""
    IdempotencyKey.objects.filter(user=learner_id).delete()
    for session in LearningSession.objects.locked().open().filter(learner=learner_id).order_by("pk"):
        session.abandon()


def scrub_completions(learner_id: int, *, at: datetime) -> None:
    """After it: clients may have put anything into free texts, and an id of theirs may name a device.

    Then all that is derived is derived anew, since hours of the day are told in UTC from now on.
    """
    free_texts = {name for name, (kind, _) in settings.COMPLETION_METADATA.items() if kind == "text"}
    completions = Completion.objects.filter(learner=learner_id)
    completions.exclude(client_event_id=None).update(client_event_id=None)
    for completion in completions.exclude(metadata={}).defer("answer").iterator():
        kept = {name: value for name, value in completion.metadata.items() if name not in free_texts}
        if kept != completion.metadata:
            completions.filter(pk=completion.pk).update(metadata=kept)
    rebuild_profile(learner_id, at=at)
