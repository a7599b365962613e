"""Conditions of achievements and badges: what one may say (schema), and when it holds (engine)."""

from .engine import Progress, progress
from .metrics import counted_metadata
from .schema import Leaf, leaf_of

__all__ = ["Leaf", "Progress", "counted_metadata", "leaf_of", "progress"]
