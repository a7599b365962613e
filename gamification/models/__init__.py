"""What deeds earn: the books (ledger and rules), running totals, days, achievements and badges, boards."""

from .adjustments import AdjustmentRequest
from .boards import WindowRefresh, WindowScore
from .books import MAX_DELTA, MAX_TOTAL_XP, LedgerEntry, XPRuleSet, default_rules
from .days import ActivityDay, Amnesty, DayKind, FreezeEvent, TimeZoneChange
from .earnables import Achievement, Badge, BadgeAward, Earnable, FirstTime, HolderCounts, Requirement, Unlock
from .profiles import LearnerProfile, public_name

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
    "Unlock",
    "WindowRefresh",
    "WindowScore",
    "XPRuleSet",
    "default_rules",
    "public_name",
]
