"""Conditions of achievements and badges: what one may say (schema), and when it holds (engine)."""

from .engine import Progress, progress
from .metrics import counted_metadata, is_built_in
from .schema import Leaf, leaf_of

__all__ = ["Leaf", "Progress", "counted_metadata", "is_built_in", "leaf_of", "progress"]
