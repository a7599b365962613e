"""How staff edit levels, sections and units."""

from .groups import SectionAdmin, UnitAdmin
from .levels import LevelAdmin

__all__ = ["LevelAdmin", "SectionAdmin", "UnitAdmin"]
