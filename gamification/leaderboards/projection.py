"""How boards learn of what happened: every write of a number that they rank by goes through here."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from gamification.models import LearnerProfile
from hotsql.writes import Write, send, updating

from . import redis_board as redis
from . import scores as sources
from . import windows


def save_totals(profile: LearnerProfile, fields: Iterable[str], *, at: datetime) -> None:
    """Save what was moved on a profile that the caller has locked; the boards follow after the commit."""
    send(saving_totals([profile], fields, at=at))


def saving_totals(profiles: list[LearnerProfile], fields: Iterable[str], *, at: datetime) -> list[Write]:
    """What does so for each of them, to be sent once, in this transaction and together with other writes."""
    for profile in profiles:
        profile.revision += 1
    _follow(profiles, at)
    return updating(profiles, [*fields, "revision"])


@transaction.atomic
def refresh_listed(learner_id: int, *, at: datetime) -> None:
    """Let a learner who opted out or was deactivated leave every board, and come back where neither is so any more.

    To be called in the transaction that changes the one or the other.
    """
    # Whoever changes the other of the two meanwhile waits here, and then sees what we have written.
    profile = LearnerProfile.objects.select_for_update(no_key=True).filter(pk=learner_id).first()
    if profile is None:
        return
    is_active = get_user_model().objects.filter(pk=learner_id, is_active=True).exists()
    listed = is_active and not profile.leaderboard_opt_out
    if listed == profile.listed:
        return
    profile.listed = listed
    save_totals(profile, ["listed"], at=at)
    transaction.on_commit(lambda: _follow_listing(learner_id, at), robust=True)


def refresh_all_listed(*, at: datetime) -> int:
    """The same for everybody of whom it is not as it should be; how many that were."""
    listed = Q(user__is_active=True, leaderboard_opt_out=False)
    wrong = LearnerProfile.objects.visible().exclude(listed) | LearnerProfile.objects.hidden().filter(listed)
    learner_ids = list(wrong.order_by("pk").values_list("pk", flat=True))
    for learner_id in learner_ids:
        refresh_listed(learner_id, at=at)
    return len(learner_ids)


def _follow(profiles: list[LearnerProfile], at: datetime) -> None:
    if settings.LEADERBOARD_BACKEND == "redis":
        told = [sources.totals_of(profile, at) for profile in profiles]
        # Absolute values, so that it does no harm to say them twice; and they must be those of the commit.
        transaction.on_commit(lambda: redis.store().tell(told), robust=True)


def _follow_listing(learner_id: int, at: datetime) -> None:
    # After the commit, since a window that is being added up may still see the learner as before: `windows.refresh`.
    windows.refresh_learner(learner_id, at=at)
    if settings.LEADERBOARD_BACKEND == "redis":
        redis.store().tell(list(sources.scores_of([learner_id], at)))
