"""What an amnesty does to one learner's days: the missed ones are pardoned, the frozen ones too and cost no freeze."""

from datetime import date, datetime

from django.conf import settings

from gamification.models import Amnesty, LearnerProfile, TimeZoneChange

from .local_dates import changes_of, dates_within
from .pending_days import PendingDays
from .runs import DAY, Kind


def pending_of(profile: LearnerProfile) -> dict:
    """What `apply` needs to know."""
    return {
        "amnesties": list(Amnesty.objects.filter(number__gt=profile.amnesties_applied)),
        "changes": changes_of([profile.pk])[profile.pk] if profile.time_zone_since else [],
    }


def apply(
    profile: LearnerProfile,
    days: dict[date, str],
    new: PendingDays,
    *,
    amnesties: list[Amnesty],
    changes: list[TimeZoneChange],
) -> None:
    """Change `days`, all of the (locked) learner's, and note in `new` what has to be written."""
    earliest = _earliest_that_matters(days, new.at)
    for amnesty in amnesties:
        for day in sorted(dates_within(profile, changes, amnesty.starts_at, amnesty.ends_at)):
            if day < earliest or days.get(day) in (Kind.ACTIVE, Kind.PARDONED):
                continue
            if days.get(day) == Kind.FROZEN:
                new.give_back(day)
            new.pardon(day)
            days[day] = Kind.PARDONED
    profile.amnesties_applied = max([profile.amnesties_applied, *(amnesty.number for amnesty in amnesties)])


def _earliest_that_matters(days: dict[date, str], at: datetime) -> date:
    """Nothing was, and nothing can still be recorded before this date: no run could touch a pardoned day there."""
    # One more day, since it may be yesterday's date where the learner lives.
    return min([*days, (at - settings.EVENT_MAX_AGE).date() - DAY])
