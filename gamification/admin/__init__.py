"""What staff see and do, one file a subject."""

from .read_only import ReadOnlyAdmin  # isort: skip - first, since the modules below build on it
from . import amnesties, boards, days, earnables, holders, learners, limit_sets, metrics, rule_sets, standings
from .learners import LearnerProfileAdmin
from .ledger import LedgerEntryAdmin
from .rule_sets import XPRuleSetAdmin

__all__ = [
    "LearnerProfileAdmin",
    "LedgerEntryAdmin",
    "ReadOnlyAdmin",
    "XPRuleSetAdmin",
    "amnesties",
    "boards",
    "days",
    "earnables",
    "holders",
    "learners",
    "limit_sets",
    "metrics",
    "rule_sets",
    "standings",
]
