"""How leaderboards follow the running totals: `follow_totals` is one of settings.TOTALS_OBSERVERS."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet

from gamification.models import BoardStanding, LearnerKind, LearnerProfile, MetricTotal
from gamification.profiles.totals import save_totals

from . import redis_board, scores, windows

MAY_BE_LISTED = Q(user__is_active=True, leaderboard_opt_out=False, kind=LearnerKind.MEMBER)


def follow_totals(profiles: list[LearnerProfile], at: datetime) -> None:
    """Send the new scores to Redis after the commit; the database needs nothing."""
    if settings.LEADERBOARD_BACKEND == "redis":
        new_scores = [scores.totals_of(profile, at) for profile in profiles]
        new_scores += [each for profile in profiles for each in scores.changed_metrics_of(profile)]
        # Absolute values: sending them twice does no harm. Computed now, because they must be those of this commit.
        transaction.on_commit(lambda: redis_board.store().update_scores(new_scores), robust=True)


@transaction.atomic
def refresh_listed(learner_id: int, *, at: datetime) -> None:
    """Remove a learner from every board who opted out, was deactivated, is not ranked or no member; else list them.

    Call it in the transaction that changes any of the four.
    """
    # A transaction that changes another of them waits here, and then sees what we have written.
    profile = LearnerProfile.objects.select_for_update(no_key=True).filter(pk=learner_id).first()
    if profile is None:
        return
    is_active = get_user_model().objects.filter(pk=learner_id, is_active=True).exists()
    is_ranked = profile.standing_at(at) == BoardStanding.RANKED
    is_member = profile.kind == LearnerKind.MEMBER
    listed = is_active and is_member and is_ranked and not profile.leaderboard_opt_out
    if listed == profile.listed:
        return
    profile.listed = listed
    MetricTotal.objects.filter(learner=learner_id).update(listed=listed)
    save_totals([profile], ["listed"], at=at)
    transaction.on_commit(lambda: _follow_listing(learner_id, at), robust=True)


def refresh_all_listed(*, at: datetime) -> int:
    """`refresh_listed` for every learner whose row is wrong; return how many there were."""
    is_ranked = Q(board_standing=BoardStanding.RANKED) | Q(board_standing_until__lte=at)
    listed = MAY_BE_LISTED & is_ranked
    wrong = LearnerProfile.objects.visible().exclude(listed) | LearnerProfile.objects.hidden().filter(listed)
    return _refresh_each(wrong, at)


def lift_ended_standings(*, at: datetime) -> int:
    """List everybody again whose time off the boards is over; return how many there were."""
    ended = LearnerProfile.objects.hidden().filter(MAY_BE_LISTED, board_standing_until__lte=at)
    return _refresh_each(ended, at)


def _refresh_each(profiles: QuerySet[LearnerProfile], at: datetime) -> int:
    learner_ids = list(profiles.order_by("pk").values_list("pk", flat=True))
    for learner_id in learner_ids:
        refresh_listed(learner_id, at=at)
    return len(learner_ids)


def _follow_listing(learner_id: int, at: datetime) -> None:
    # After the commit, since a refresh of a window that is running may still see the learner as before.
    windows.refresh_learner(learner_id, at=at)
    if settings.LEADERBOARD_BACKEND == "redis":
        redis_board.store().update_scores(list(scores.scores_of([learner_id], at)))
