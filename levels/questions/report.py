"""What is noteworthy about the questions of levels: too few, too easy to guess, the same one twice."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from .guessing import level_chance
from .judging import folded
from .markdown import to_text

if TYPE_CHECKING:
    from levels.models import Level, Question

MAX_GUESS_CHANCE = Fraction(5, 100)


@dataclass(frozen=True)
class LevelReport:
    """`asked` are the questions of one play; `chance` is that of a guesser who plays once."""

    level_id: str
    kinds: dict[str, int]
    asked: int
    chance: Fraction

    @property
    def is_too_easy(self) -> bool:
        return self.chance >= MAX_GUESS_CHANCE

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        return (
            f"{self.level_id}: {sum(self.kinds.values())} questions ({kinds}), {self.asked} in a play, "
            f"{float(self.chance):.2%} of guessers pass"
        )


def report_on(level: "Level", questions: Sequence["Question"]) -> LevelReport:
    return LevelReport(
        level.level_id,
        Counter(question.kind for question in questions),
        min(level.questions_per_play or len(questions), len(questions)),
        level_chance(level, questions),
    )


def duplicates(questions: Iterable["Question"], language: str) -> list[list[str]]:
    """The ids of questions that ask the same in this language, by their prompts."""
    ids = defaultdict(list)
    for question in questions:
        prompt = question.text_in("prompt", language)
        if prompt:
            ids[folded(to_text(prompt))].append(question.question_id)
    return [same for same in ids.values() if len(same) > 1]


def count_by_language(questions: Iterable["Question"], languages: Sequence[str]) -> dict[str, int]:
    """How many of the questions have all of their texts in each language."""
    counts = Counter(
        language for question in questions for language in languages if not question.missing_texts(language)
    )
    return {language: counts[language] for language in languages}
