"""Staff decide whether a learner may appear on leaderboards."""

from datetime import datetime

from django.db import transaction

from gamification.errors import OwnStanding
from gamification.leaderboards.score_updates import refresh_listed
from gamification.models import BoardStanding, StandingChange
from gamification.profiles.locking import lock_profile
from gamification.profiles.totals import save_totals


@transaction.atomic
def set_board_standing(
    *, learner_id: int, standing: BoardStanding, until: datetime | None, reason: str, note: str, actor, at: datetime
) -> StandingChange:
    """Put the learner on the boards or take them off; XP is not touched. From `until` on they are ranked again.

    The caller has checked the permission `change_board_standing`. Raise OwnStanding or LearnerErased.
    """
    if actor.pk == learner_id:
        raise OwnStanding
    profile = lock_profile(learner_id)
    change = StandingChange.objects.create(
        learner_id=learner_id, standing=standing, until=until, reason=reason, note=note, actor=actor, created_at=at
    )
    profile.board_standing, profile.board_standing_until = standing, until
    save_totals([profile], ["board_standing", "board_standing_until"], at=at)
    refresh_listed(learner_id, at=at)
    return change
