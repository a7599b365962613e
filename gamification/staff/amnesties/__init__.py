"""Staff grant an amnesty for a span in which the service was not available: missing its days breaks no streak.

An amnesty is one row, applied to each learner's days by `gamification.streaks.pardons`. Learners whose streak had not
run out when it began get it at once, in batches that can be stopped and continued; all others with their next activity.
What it would change is shown first (`previewing`), then it is granted (`granting`); it is undone as long as nothing
depends on it (`undoing`).
"""

from .applying import apply_amnesties
from .granting import AmnestyChanged, confirm_preview, grant_amnesty, outdated_preview
from .previewing import NOTHING, start_preview
from .spans import check_span
from .states import refusal_to_undo
from .undoing import AmnestyStands, outcome_of_undoing, undo_amnesty, users_of

__all__ = [
    "NOTHING",
    "AmnestyChanged",
    "AmnestyStands",
    "apply_amnesties",
    "check_span",
    "confirm_preview",
    "grant_amnesty",
    "outcome_of_undoing",
    "outdated_preview",
    "refusal_to_undo",
    "start_preview",
    "undo_amnesty",
    "users_of",
]
