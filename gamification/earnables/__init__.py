"""Achievements and badges: unlocking, progress, rarity, and the catalogue that ships."""

from .catalogue import prepare_catalogue, shipped_files
from .catalogue_files import COLLECTIONS
from .rarity import percent_of, rarity_now
from .unlocking import Earned, Values, values_of

__all__ = [
    "COLLECTIONS",
    "Earned",
    "Values",
    "percent_of",
    "prepare_catalogue",
    "rarity_now",
    "shipped_files",
    "values_of",
]
