"""What staff see and do, one file a subject."""

from .read_only import ReadOnlyAdmin  # isort: skip - first, since the modules below build on it
from . import adjustments, days, earnables, holders, learners, ledger, rule_sets

__all__ = ["ReadOnlyAdmin", "adjustments", "days", "earnables", "holders", "learners", "ledger", "rule_sets"]
