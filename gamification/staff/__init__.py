"""What staff do by hand, and what it would do before it is done."""

from gamification.awards.adjustments import note_with_reason
from gamification.awards.one_account import Judged

from .amnesties.retention import delete_old_previews
from .approvals import needs_approval
from .bulk_reversal_jobs import REVERSE_SINCE, start_bulk_reversal, unfinished_reversal_of
from .bulk_reversals import BulkPlan, Criteria, plan_bulk_reversal
from .erasing import ERASED, erase_learner, find_mentions, lock_learner, lock_requests, strike_out, texts_of_staff
from .forms import StaffActionForm
from .merging import Brought, Merged, MergedEvent, MergedResult, OtherResult, Versions, merge_books

__all__ = [
    "ERASED",
    "REVERSE_SINCE",
    "Brought",
    "BulkPlan",
    "Criteria",
    "Judged",
    "Merged",
    "MergedEvent",
    "MergedResult",
    "OtherResult",
    "StaffActionForm",
    "Versions",
    "delete_old_previews",
    "erase_learner",
    "find_mentions",
    "lock_learner",
    "lock_requests",
    "merge_books",
    "needs_approval",
    "note_with_reason",
    "plan_bulk_reversal",
    "start_bulk_reversal",
    "strike_out",
    "texts_of_staff",
    "unfinished_reversal_of",
]
