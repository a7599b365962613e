"""How staff edit levels, their questions, sections and units."""

from .groups import SectionAdmin, UnitAdmin
from .levels import LevelAdmin
from .questions import QuestionAdmin

__all__ = ["LevelAdmin", "QuestionAdmin", "SectionAdmin", "UnitAdmin"]
