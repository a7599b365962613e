"""What learners earn: the ledger and its rule sets, running totals, days, achievements and badges, leaderboards."""

from gamification.pricing.limits import HELD_REASONS

from .amnesties import Amnesty, AmnestyPreview, AppliedAmnesty, PreviewedLearner
from .boards import BoardPolicy, WindowRefresh, WindowScore
from .days import ActivityDay, DayKind, DayRepair, FreezeEvent, TimeZoneChange
from .earnables import Achievement, Badge, BadgeAward, Earnable, FirstTime, HolderCounts, Requirement, Unlock
from .key_awards import KeyAwards
from .ledger import MAX_DELTA, MAX_TOTAL_XP, LedgerEntry
from .limit_sets import DayUsage, LimitSet, default_limits
from .metrics import BOARD_PREFIX, MAX_METRIC_ID, MAX_VALUE, METRIC_ID, Metric, MetricTotal
from .profiles import LearnerKind, LearnerProfile, public_name
from .rule_sets import XPRuleSet, default_rules
from .standings import BoardStanding, StandingChange, standing_in_force
from .time_zones import find_zone
from .trust import Trust, trust_field

__all__ = [
    "BOARD_PREFIX",
    "HELD_REASONS",
    "MAX_DELTA",
    "MAX_METRIC_ID",
    "MAX_TOTAL_XP",
    "MAX_VALUE",
    "METRIC_ID",
    "Achievement",
    "ActivityDay",
    "Amnesty",
    "AmnestyPreview",
    "AppliedAmnesty",
    "Badge",
    "BadgeAward",
    "BoardPolicy",
    "BoardStanding",
    "DayKind",
    "DayRepair",
    "DayUsage",
    "Earnable",
    "FirstTime",
    "FreezeEvent",
    "HolderCounts",
    "KeyAwards",
    "LearnerKind",
    "LearnerProfile",
    "LedgerEntry",
    "LimitSet",
    "Metric",
    "MetricTotal",
    "PreviewedLearner",
    "Requirement",
    "StandingChange",
    "TimeZoneChange",
    "Trust",
    "Unlock",
    "WindowRefresh",
    "WindowScore",
    "XPRuleSet",
    "default_limits",
    "default_rules",
    "find_zone",
    "public_name",
    "standing_in_force",
    "trust_field",
]
