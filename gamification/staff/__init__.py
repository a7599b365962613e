"""What staff do by hand, and what it would do before it is done."""

from gamification.awards.adjustments import note_with_reason

from .approvals import needs_approval
from .bulk_reversal_jobs import start_bulk_reversal, unfinished_reversal_of
from .bulk_reversals import BulkPlan, Criteria, plan_bulk_reversal
from .erasing import ERASED, erase_learner, find_mentions, lock_learner, strike_out, texts_of_staff
from .forms import StaffActionForm

__all__ = [
    "ERASED",
    "BulkPlan",
    "Criteria",
    "StaffActionForm",
    "erase_learner",
    "find_mentions",
    "lock_learner",
    "needs_approval",
    "note_with_reason",
    "plan_bulk_reversal",
    "start_bulk_reversal",
    "strike_out",
    "texts_of_staff",
    "unfinished_reversal_of",
]
