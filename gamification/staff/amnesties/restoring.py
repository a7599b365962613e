"""Taking an amnesty back from some learners, with few statements for all of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from gamification.models import ActivityDay, Amnesty, AppliedAmnesty, DayKind, FreezeEvent, LearnerProfile
from gamification.profiles.totals import save_totals
from gamification.streaks.effects import depends_on, take_back
from gamification.streaks.local_dates import load_zone_changes
from gamification.streaks.pending_days import PendingDays, StoredDays
from hotsql.writes import update_rows

WithDays = list[tuple[AppliedAmnesty, PendingDays]]


@transaction.atomic
def restore(amnesty: Amnesty, learner_ids: Sequence[int], at: datetime) -> int:
    """Return how many depend on it, and so keep it; of the others it leaves no trace."""
    profiles = list(LearnerProfile.objects.locked_with_rules().filter(pk__in=learner_ids).order_by("pk"))
    effects = list(AppliedAmnesty.objects.filter(amnesty=amnesty, learner__in=learner_ids))
    judged = with_days(effects, at, profiles)
    note_dependants(judged)
    free = [(effect, days) for effect, days in judged if not effect.is_used]
    for effect, days in free:
        take_back(effect, days)
    _restore_days([effect for effect, _ in free])
    save_totals([days.profile for _, days in free], LearnerProfile.STREAK_TOTALS, at=at)
    AppliedAmnesty.objects.filter(pk__in=[effect.pk for effect, _ in free]).delete()
    return len(judged) - len(free)


def with_days(
    effects: Sequence[AppliedAmnesty], at: datetime, profiles: Sequence[LearnerProfile] | None = None
) -> WithDays:
    """Each with the days of its learner; `profiles` where they are locked."""
    if profiles is None:
        profiles = list(LearnerProfile.objects.filter(pk__in=[effect.learner_id for effect in effects]))
    load_zone_changes(profiles)
    stored = StoredDays(profiles)
    days = {profile.pk: PendingDays(profile, at, stored) for profile in profiles}
    return [(effect, days[effect.learner_id]) for effect in effects]


def note_dependants(judged: WithDays) -> None:
    for effect, days in judged:
        effect.is_used = depends_on(effect, days)
    update_rows([effect for effect, _ in judged], ["is_used"])


def _restore_days(effects: Sequence[AppliedAmnesty]) -> None:
    """Missed days have no row again; frozen ones are as they were, and their freezes did not come back."""
    by_learner = {effect.learner_id: effect for effect in effects}
    used, returned = _freeze_events(by_learner)
    missed, frozen = [], []
    for row in ActivityDay.objects.filter(learner__in=by_learner, kind=DayKind.PARDONED):
        effect, day = by_learner[row.learner_id], row.date.isoformat()
        if day in effect.frozen:
            row.kind, row.recorded_at = DayKind.FROZEN, used.get((row.learner_id, row.date), effect.applied_at)
            frozen.append(row)
        elif day in effect.days:
            missed.append(row.pk)
    ActivityDay.objects.filter(pk__in=missed).delete()
    update_rows(frozen, ["kind", "recorded_at"])
    FreezeEvent.objects.filter(pk__in=returned).delete()


def _freeze_events(by_learner: dict[int, AppliedAmnesty]) -> tuple[dict[tuple[int, date], datetime], list[int]]:
    """When a freeze was last used for each date, and the keys of the events by which the amnesty returned freezes."""
    used: dict[tuple[int, date], datetime] = {}
    returned = defaultdict(list)
    for event in FreezeEvent.objects.filter(learner__in=by_learner).order_by("pk"):
        effect, day = by_learner[event.learner_id], event.date.isoformat()
        if event.kind == FreezeEvent.Kind.USED:
            used[event.learner_id, event.date] = event.created_at
        elif (
            event.kind == FreezeEvent.Kind.RETURNED and day in effect.returned and event.created_at == effect.applied_at
        ):
            returned[event.learner_id, event.date].append(event.pk)
    return used, [keys[-1] for keys in returned.values()]
