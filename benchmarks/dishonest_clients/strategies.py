"""All strategies, in the order in which they are judged."""

from . import days, floods, metrics, staff, times  # noqa: F401 - each registers its own
from .world import STRATEGIES

__all__ = ["STRATEGIES"]
