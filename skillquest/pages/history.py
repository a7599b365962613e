"""The learner's ledger lines, each with what it was about and why it is what it is."""

from dataclasses import dataclass

from gamification.models import LedgerEntry
from tracking.models import Completion

from . import words


@dataclass(frozen=True)
class Part:
    words: str
    value: int


@dataclass(frozen=True)
class Line:
    entry: LedgerEntry
    completion: Completion | None

    @property
    def parts(self) -> list[Part]:
        """The breakdown in plain words; the values add up to the line's XP."""
        breakdown = self.entry.metadata.get("breakdown", [])
        return [Part(self._words(part["factor"]), part["value"]) for part in breakdown]

    def _words(self, factor: str) -> str:
        if factor != "difficulty" or not self.completion:
            return words.factor_words(factor)
        difficulty = self.completion.difficulty
        return words.difficulty_factor_words(difficulty, self.entry.rule_set.rules["multipliers"][difficulty])


def recent_lines(learner, count: int) -> list[Line]:
    """Newest first, in two statements: the lines, and the completions that they speak of."""
    entries = list(LedgerEntry.objects.filter(learner=learner).select_related("rule_set").newest_first()[:count])
    keys = [_completion_key(entry) for entry in entries]
    completions = Completion.objects.filter(learner=learner).select_related("level").in_bulk(filter(None, keys))
    return [Line(entry, completions.get(key)) for entry, key in zip(entries, keys, strict=True)]


def _completion_key(entry: LedgerEntry) -> int | None:
    return int(entry.reference_id) if entry.reference_type == "completion" else None
