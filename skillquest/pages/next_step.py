"""The one thing that a learner does next: an open level that can be played here, or practice that is due."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from levels.models import Level
from tracking.models import Completion
from tracking.review.questions import due_of

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
        if self.step is None:
            return _("Practise")
        words = _("Go on with %(level)s") if self.step.is_begun else _("Play %(level)s")
        return words % {"level": self.step.level.shown.name}


def next_step_of(learner, at: datetime, *, after: Level | None = None) -> NextStep | None:
    """At most two statements. None where nothing is open and nothing is due."""
    return choose_next_step(learner, steps_that_count(learner), at, after=after)


def steps_that_count(learner) -> list[Step]:
    """All that count progress, in one statement. Each says in `level.last_played` which one was played last."""
    # By time, not by key alone: so a database reads the learner's completions, not everybody's from the newest on.
    played = Completion.objects.filter(learner=learner).order_by("-created_at", "-pk").values("level")[:1]
    levels = Level.objects.visible().completable().annotate(last_played=Subquery(played))
    return steps_without_progress(learner, levels)


def choose_next_step(learner, steps: list[Step], at: datetime, *, after: Level | None = None) -> NextStep | None:
    """`steps` are those of `steps_that_count`. Of those that can be played here, one that was begun comes first, then
    the first that is not passed on the path of the level that was played last, from that level on. Right `after` a
    level, it is another one. A level whose result waits for staff is not offered again meanwhile."""
    playable = [step for step in steps if step.is_playable_here and (step.is_begun or _is_open(step))]
    last = next((step for step in steps if step.level.pk == (after.pk if after else step.level.last_played)), None)
    offered = [step for step in playable if step.level != after]
    due = due_of(learner.pk, at).count()
    if offered:
        return NextStep(min(offered, key=lambda step: _rank(step, last)), due)
    return NextStep(None, due) if due else None


def _is_open(step: Step) -> bool:
    return step.state != "completed" and not step.is_waiting


def _rank(step: Step, last: Step | None) -> tuple:
    """The lowest comes first."""
    place = place_on_path(step)
    if last is None:
        return not step.is_begun, place
    return not step.is_begun, step.path != last.path, place < place_on_path(last), place
