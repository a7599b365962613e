"""The one thing that a learner does next: an open level that can be played here, or practice that is due."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from levels.models import Level
from tracking.models import QuestionMemory

from .catalogue import Step, place_on_path, steps_without_progress


@dataclass(frozen=True)
class NextStep:
    """A level to play, or without one the questions that are due for practice."""

    step: Step | None
    due: int = 0

    @property
    def url(self) -> str:
        return reverse("play", args=[self.step.level.level_id]) if self.step else reverse("practice")

    @property
    def label(self) -> str:
        """What the button says."""
        return _("Play %(level)s") % {"level": self.step.level.name} if self.step else _("Practise")


def next_step_of(learner, at: datetime) -> NextStep | None:
    """At most two statements. None where nothing is open and nothing is due."""
    return choose_next_step(learner, steps_without_progress(learner, Level.objects.visible().completable()), at)


def choose_next_step(learner, steps: list[Step], at: datetime) -> NextStep | None:
    """`steps` are all that count progress. The first on the path that is open, playable here and not passed."""
    playable = [step for step in steps if step.state == "unlocked" and step.has_content]
    if playable:
        return NextStep(min(playable, key=place_on_path))
    due = QuestionMemory.objects.filter(learner=learner, due__lte=at, question__published=True).count()
    return NextStep(None, due) if due else None
