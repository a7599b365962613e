"""Apply amnesties to one learner's days.

A pardoned day is one that an amnesty excuses: it does not break the streak and does not count towards it. Missed and
frozen days become pardoned, and the freezes of frozen days are returned.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings

from gamification.models import Amnesty, DayKind, LearnerProfile

from .local_dates import dates_within
from .pending_days import PendingDays
from .runs import DAY


def pending_of(profile: LearnerProfile) -> list[Amnesty]:
    """The amnesties that are not part of the learner's days yet; queried unless `load_pending` has read them."""
    loaded: list[Amnesty] | None = getattr(profile, "pending_amnesties", None)
    return list(Amnesty.objects.filter(number__gt=profile.amnesties_applied)) if loaded is None else loaded


def load_pending(profiles: Iterable[LearnerProfile]) -> None:
    """Read the amnesties of several locked learners in one statement; none where all are up to date."""
    behind = [profile for profile in profiles if profile.amnesties_applied < profile.newest_amnesty]
    if behind:
        amnesties = list(Amnesty.objects.filter(number__gt=min(profile.amnesties_applied for profile in behind)))
    for profile in behind:
        profile.pending_amnesties = [each for each in amnesties if each.number > profile.amnesties_applied]


def apply(profile: LearnerProfile, days: dict[date, str], new: PendingDays, *, amnesties: list[Amnesty]) -> None:
    """Pardon dates of `amnesties` in `days`, all days of the locked learner, and add to `new` what is to be written."""
    earliest = _earliest_that_matters(days, new.at)
    for amnesty in amnesties:
        for day in sorted(dates_within(profile, amnesty.starts_at, amnesty.ends_at)):
            if day >= earliest:
                pardon(day, days, new)
    profile.amnesties_applied = max([profile.amnesties_applied, *(amnesty.number for amnesty in amnesties)])


def pardon(day: date, days: dict[date, str], new: PendingDays) -> None:
    """Nothing changes if the learner was active on that date."""
    if days.get(day) in (DayKind.ACTIVE, DayKind.PARDONED):
        return
    if days.get(day) == DayKind.FROZEN:
        new.return_freeze(day)
    new.pardon(day)
    days[day] = DayKind.PARDONED


def _earliest_that_matters(days: dict[date, str], at: datetime) -> date:
    """Before this date no activity was or can still be recorded, so no run could include a pardoned day."""
    # One more day, since the local date may be the one before.
    return min([*days, (at - settings.EVENT_MAX_AGE).date() - DAY])
