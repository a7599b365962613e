"""What completions earn: the way in for other apps.

`award_batch` pays completions; the other functions are what learners and staff do beside that, and what a learner's
total means by the rules in force. `append_entries` is for XP that nothing here has earned: an import.
"""

from gamification.ledger.entries import NewEntry, append_entries
from gamification.metrics import CustomMetric, CustomMetrics, metrics_now, set_totals
from gamification.pricing.factors import FACTORS
from gamification.pricing.limits import Timing
from gamification.pricing.progression import PlayerLevel, player_level_at
from gamification.pricing.rules import Rules, read_rules
from gamification.pricing.xp import Factor, Facts, limit_repeat, price, streak_bonus, total
from gamification.profiles.locking import lock_profiles, refusal_of_erased
from gamification.profiles.standing import player_level, profile_of
from gamification.profiles.thresholds import Reached
from gamification.profiles.totals import save_totals
from gamification.rule_sets.publishing import published_rules

from .activity import check_in, protect_today
from .adjustments import adjust_xp, reversal_of
from .batch import AwardBatch, award_batch, award_batches, counts_of_hour
from .bulk_reversals import within_balance
from .in_memory import PaidInMemory
from .metrics import REFERENCE as METRIC_REFERENCE
from .metrics import MetricAward, add_metric
from .reviews import REFERENCE as REVIEW_REFERENCE
from .reviews import add_review
from .rewards import Award, ReviewAward, Reward

__all__ = [
    "FACTORS",
    "METRIC_REFERENCE",
    "REVIEW_REFERENCE",
    "Award",
    "AwardBatch",
    "CustomMetric",
    "CustomMetrics",
    "Factor",
    "Facts",
    "MetricAward",
    "NewEntry",
    "PaidInMemory",
    "PlayerLevel",
    "Reached",
    "ReviewAward",
    "Reward",
    "Rules",
    "Timing",
    "add_metric",
    "add_review",
    "adjust_xp",
    "append_entries",
    "award_batch",
    "award_batches",
    "check_in",
    "counts_of_hour",
    "limit_repeat",
    "lock_profiles",
    "metrics_now",
    "player_level",
    "player_level_at",
    "price",
    "profile_of",
    "protect_today",
    "published_rules",
    "read_rules",
    "refusal_of_erased",
    "reversal_of",
    "save_totals",
    "set_totals",
    "streak_bonus",
    "total",
    "within_balance",
]
