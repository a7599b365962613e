"""What an import says: how many of each kind, what is wrong, and the totals before and after."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Sum

from gamification.models import LearnerProfile
from tracking.models import Completion

from .judging import Verdict
from .records import KINDS

WORDS = {
    Verdict.NEW: "new",
    Verdict.KNOWN: "imported before",
    Verdict.EMPTY: "empty",
    Verdict.REFUSED: "not imported",
}


@dataclass(frozen=True)
class Totals:
    learners: int
    completions: int
    xp: int

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(self.learners + other.learners, self.completions + other.completions, self.xp + other.xp)

    def __str__(self) -> str:
        return f"{self.learners} learners, {self.completions} completions, {self.xp} XP"


def count_totals() -> Totals:
    """Of all who can learn, as of now."""
    people = LearnerProfile.objects.filter(erased_at=None)
    return Totals(
        learners=people.count(),
        completions=Completion.objects.counted().filter(learner__profile__erased_at=None).count(),
        xp=int(people.aggregate(xp=Sum("total_xp", default=0))["xp"]),
    )


@dataclass
class Tally:
    """`counts` has a number for each kind and verdict, and what the new rows add to the totals."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, verdict: Verdict) -> None:
        self.counts[f"{kind or 'unreadable'} {verdict}"] += 1

    @property
    def added(self) -> Totals:
        return Totals(self.counts["new learners"], self.counts["completion new"], self.counts["new xp"])

    @property
    def refused(self) -> int:
        return sum(count for name, count in self.counts.items() if name.endswith(f" {Verdict.REFUSED}"))

    def lines(self) -> Iterator[str]:
        """“completion: 120 new, 3 not imported”"""
        for kind in (*KINDS, "unreadable"):
            parts = [
                f"{self.counts[name]} {word}"
                for verdict, word in WORDS.items()
                if self.counts[name := f"{kind} {verdict}"]
            ]
            if parts:
                yield f"{kind}: {', '.join(parts)}"
