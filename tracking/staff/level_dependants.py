"""What learners have to do with levels, for whoever wants to unpublish or delete them."""

from collections.abc import Iterator, Sequence

from django.utils import timezone

from catalogues.deleting import count_up_to
from levels.dependants import Dependant, register_dependants
from tracking.models import Completion, LearningSession


@register_dependants
def what_learners_have(keys: Sequence[int]) -> Iterator[Dependant]:
    sessions = LearningSession.objects.filter(level__in=keys)
    is_used = False
    if (count := count_up_to(sessions.active(timezone.now()))) != "0":
        words = f"Open sessions and plays: {count}. Who is in one no longer finds an unpublished level."
        yield Dependant(words, is_open=True)
        is_used = True
    if (count := count_up_to(Completion.objects.filter(level__in=keys))) != "0":
        yield Dependant(f"Results of learners, which stay: {count}.", keeps=True)
    elif is_used or sessions.exists():
        yield Dependant("Learners have begun to play it, so its sessions stay.", keeps=True)
