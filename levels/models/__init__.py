"""What there is to learn: levels, their questions, and the sections and units that group them."""

from .changes import PLAY_RULES, LevelChange
from .groups import Section, Unit
from .level import LEVEL_ID_VALIDATORS, MAX_QUESTIONS, MAX_SCORE, MAX_XP, METADATA_TEXTS, Level
from .querysets import LevelQuerySet, as_reference, may_edit_levels
from .questions import Question, QuestionQuerySet

__all__ = [
    "LEVEL_ID_VALIDATORS",
    "MAX_QUESTIONS",
    "MAX_SCORE",
    "MAX_XP",
    "METADATA_TEXTS",
    "PLAY_RULES",
    "Level",
    "LevelChange",
    "LevelQuerySet",
    "Question",
    "QuestionQuerySet",
    "Section",
    "Unit",
    "as_reference",
    "may_edit_levels",
]
