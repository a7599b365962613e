"""The values that fields of a level can have, and the aliases that clients may send."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    SIMULATION = "simulation"
    CHALLENGE = "challenge"
    TRAINING = "training"
    SCENARIO = "scenario"
    MODE = "mode"


class Difficulty(models.TextChoices):
    VERY_EASY = "very_easy"
    EASY = "easy"
    NORMAL = "normal"
    HARD = "hard"
    EXPERT = "expert"


# To be read in a sentence.
DIFFICULTY_WORDS = {
    Difficulty.VERY_EASY: _("very easy"),
    Difficulty.EASY: _("easy"),
    Difficulty.NORMAL: _("normal"),
    Difficulty.HARD: _("hard"),
    Difficulty.EXPERT: _("expert"),
}


class XPRule(models.TextChoices):
    FORMULA = "formula"
    PROPORTIONAL = "proportional"
    FIXED = "fixed"
    SCENARIO = "scenario"


class RepeatPolicy(models.TextChoices):
    IMPROVEMENT = "improvement"
    FULL = "full"
    NONE = "none"


class QuestionKind(models.TextChoices):
    TRUE_FALSE = "true_false", "true or false"
    SINGLE_CHOICE = "single_choice", "one of several"
    MULTIPLE_CHOICE = "multiple_choice", "several of several"
    ORDERING = "ordering", "put in order"
    MATCHING = "matching", "match pairs"
    SHORT_TEXT = "short_text", "short text"
    NUMBER = "number", "number"


DIFFICULTY_ALIASES = {
    "beginner": Difficulty.EASY.value,
    "medium": Difficulty.NORMAL.value,
    "intermediate": Difficulty.NORMAL.value,
    "advanced": Difficulty.HARD.value,
}
DIFFICULTY_NAMES = [*Difficulty.values, *DIFFICULTY_ALIASES]


def canonical_difficulty(name: str) -> str:
    """The difficulty that an alias stands for; any other text is returned unchanged and left to a validator."""
    return DIFFICULTY_ALIASES.get(name, name)


def default_repeat_policy(kind: str) -> str:
    return RepeatPolicy.FULL.value if kind == Kind.MODE else RepeatPolicy.IMPROVEMENT.value
