"""Who would get an achievement or badge now. Counting stops at a limit, however many learners there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from gamification.earnables.candidates import would_earn
from gamification.models import Achievement, Earnable
from gamification.rule_sets.publishing import published_rules

COUNTED = 100_000  # learners at most
SHOWN = 20  # names


@dataclass(frozen=True)
class Earners:
    """`count` and `xp` (of all together) are what there is at least where `is_more`. `names` are the first ones."""

    count: int
    is_more: bool
    xp: int
    names: list[str] = field(default_factory=list)

    @property
    def count_in_words(self) -> str:
        return self._in_words(self.count)

    @property
    def xp_in_words(self) -> str:
        return self._in_words(self.xp)

    @property
    def total(self) -> int | None:
        """None where it is not known."""
        return None if self.is_more else self.count

    def _in_words(self, number: int) -> str:
        return _("more than %(number)s") % {"number": f"{number:,}"} if self.is_more else f"{number:,}"


def earners_of(owner: Earnable, *, without: Sequence[int], at: datetime, shown: int = 0) -> Earners:
    """Those in `without` get nothing. `owner` need not be saved as it is."""
    learners = would_earn(owner, published_rules(), at=at).exclude(pk__in=without).order_by("pk")
    found = learners[: COUNTED + 1].count()
    count = min(found, COUNTED)
    reward = owner.xp_reward if isinstance(owner, Achievement) else 0
    names = [str(learner) for learner in learners.select_related("user")[:shown]] if found and shown else []
    return Earners(count, found > COUNTED, count * reward, names)
