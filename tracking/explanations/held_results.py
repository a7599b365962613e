"""What has become of results that were held: for the learner, in sentences."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from gamification.explanations import on_date
from gamification.models import LearnerProfile
from gamification.streaks import local_date
from tracking.models import Completion
from tracking.recording.limits import held_words

SHOWN = 20


@dataclass(frozen=True)
class HeldResult:
    """`state` is "waiting", "released" or "refused"."""

    completion: Completion
    state: str
    why: str


def held_results_of(profile: LearnerProfile) -> list[HeldResult]:
    """The latest results that are held, or were until staff decided; in one statement."""
    reviewed = _reviewed(profile).select_related("level").order_by("-pk")
    return [explain_held_result(profile, completion) for completion in reviewed[:SHOWN]]


def explain_held_result(profile: LearnerProfile, completion: Completion) -> HeldResult:
    if completion.held:
        state = "refused" if completion.refused else "waiting"
        words = held_words(completion)
        return HeldResult(completion, state, _(words) if words else "")
    day = on_date(local_date(profile, completion.decided_at))
    words = _("Our staff looked at this result and released it on %(day)s; it counts as of when it happened.")
    return HeldResult(completion, "released", words % {"day": day})


def latest_held_result(profile: LearnerProfile, level_id: int) -> HeldResult | None:
    """Of a level, if its latest reviewed result does not count."""
    completion = _reviewed(profile).filter(level=level_id).order_by("-pk").first()
    return explain_held_result(profile, completion) if completion and completion.held else None


def _reviewed(profile: LearnerProfile) -> QuerySet[Completion]:
    return Completion.objects.reviewed().filter(learner=profile.pk)
