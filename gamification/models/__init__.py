"""What learners earn: the ledger and its rule sets, running totals, days, achievements and badges, leaderboards."""

from .adjustments import AdjustmentRequest
from .boards import WindowRefresh, WindowScore
from .days import ActivityDay, Amnesty, DayKind, FreezeEvent, TimeZoneChange
from .earnables import Achievement, Badge, BadgeAward, Earnable, FirstTime, HolderCounts, Requirement, Unlock
from .ledger import MAX_DELTA, MAX_TOTAL_XP, LedgerEntry
from .profiles import LearnerProfile, public_name
from .rule_sets import XPRuleSet, default_rules
from .trust import Trust, trust_field

__all__ = [
    "MAX_DELTA",
    "MAX_TOTAL_XP",
    "Achievement",
    "ActivityDay",
    "AdjustmentRequest",
    "Amnesty",
    "Badge",
    "BadgeAward",
    "DayKind",
    "Earnable",
    "FirstTime",
    "FreezeEvent",
    "HolderCounts",
    "LearnerProfile",
    "LedgerEntry",
    "Requirement",
    "TimeZoneChange",
    "Trust",
    "Unlock",
    "WindowRefresh",
    "WindowScore",
    "XPRuleSet",
    "default_rules",
    "public_name",
    "trust_field",
]
