"""How leaderboards follow the running totals: `follow_totals` is one of settings.TOTALS_OBSERVERS."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from gamification.models import LearnerProfile
from gamification.profiles.totals import save_totals

from . import redis_board, scores, windows


def follow_totals(profiles: list[LearnerProfile], at: datetime) -> None:
    """Send the new scores to Redis after the commit; the database needs nothing."""
    if settings.LEADERBOARD_BACKEND == "redis":
        new_scores = [scores.totals_of(profile, at) for profile in profiles]
        # Absolute values: sending them twice does no harm. Computed now, because they must be those of this commit.
        transaction.on_commit(lambda: redis_board.store().update_scores(new_scores), robust=True)


@transaction.atomic
def refresh_listed(learner_id: int, *, at: datetime) -> None:
    """Remove a learner who opted out or was deactivated from every board; list them again when neither holds any more.

    Call it in the transaction that changes either of the two.
    """
    # A transaction that changes the other of the two waits here, and then sees what we have written.
    profile = LearnerProfile.objects.select_for_update(no_key=True).filter(pk=learner_id).first()
    if profile is None:
        return
    is_active = get_user_model().objects.filter(pk=learner_id, is_active=True).exists()
    listed = is_active and not profile.leaderboard_opt_out
    if listed == profile.listed:
        return
    profile.listed = listed
    save_totals([profile], ["listed"], at=at)
    transaction.on_commit(lambda: _follow_listing(learner_id, at), robust=True)


def refresh_all_listed(*, at: datetime) -> int:
    """`refresh_listed` for every learner whose row is wrong; return how many there were."""
    listed = Q(user__is_active=True, leaderboard_opt_out=False)
    wrong = LearnerProfile.objects.visible().exclude(listed) | LearnerProfile.objects.hidden().filter(listed)
    learner_ids = list(wrong.order_by("pk").values_list("pk", flat=True))
    for learner_id in learner_ids:
        refresh_listed(learner_id, at=at)
    return len(learner_ids)


def _follow_listing(learner_id: int, at: datetime) -> None:
    # After the commit, since a refresh of a window that is running may still see the learner as before.
    windows.refresh_learner(learner_id, at=at)
    if settings.LEADERBOARD_BACKEND == "redis":
        redis_board.store().update_scores(list(scores.scores_of([learner_id], at)))
