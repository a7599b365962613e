"""Apply amnesties to one learner's days.

A pardoned day is one that an amnesty excuses: it does not break the streak and does not count towards it. Missed and
frozen days become pardoned, and the freezes of frozen days are returned.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import connection

from gamification.models import Amnesty, AppliedAmnesty, DayKind, LearnerProfile

from .effects import hash_behind, hash_state, numbers_of
from .local_dates import dates_within
from .pending_days import PendingDays
from .refreshing import refresh_streak
from .runs import DAY


def pending_of(profile: LearnerProfile) -> list[Amnesty]:
    """The amnesties that are not part of the learner's days yet; queried unless `load_pending` has read them."""
    loaded: list[Amnesty] | None = getattr(profile, "pending_amnesties", None)
    return amnesties_above(profile.amnesties_applied) if loaded is None else loaded


def load_pending(profiles: Iterable[LearnerProfile]) -> None:
    """Read the amnesties of several locked learners in one statement; none where all are up to date."""
    behind = [profile for profile in profiles if profile.amnesties_applied < profile.newest_amnesty]
    if behind:
        amnesties = amnesties_above(min(profile.amnesties_applied for profile in behind))
    for profile in behind:
        profile.pending_amnesties = [each for each in amnesties if each.number > profile.amnesties_applied]


def amnesties_above(number: int) -> list[Amnesty]:
    """In order. Until the transaction ends none of them is undone, so that undoing one finds all who have it."""
    rows = Amnesty.objects.filter(number__gt=number).order_by("number")
    if connection.vendor != "postgresql":
        return list(rows)
    sql, parameters = rows.query.sql_with_params()
    # Django knows no FOR SHARE: many learners get an amnesty at the same time.
    return list(Amnesty.objects.raw(f"{sql} FOR SHARE", parameters))


def apply(new: PendingDays, *, amnesties: Iterable[Amnesty]) -> None:
    """Pardon the dates of `amnesties` in all days of the locked learner, add to `new` what is to be written, and
    compute the totals again. What was undone is left out."""
    profile, earliest = new.profile, _earliest_that_matters(new.kinds, new.at)
    for amnesty in amnesties:
        if amnesty.undone_at is None:
            dates = dates_within(profile, amnesty.starts_at, amnesty.ends_at)
            _apply_one(amnesty, sorted(day for day in dates if day >= earliest), new)
        profile.amnesties_applied = max(profile.amnesties_applied, amnesty.number)
    refresh_streak(profile, new.kinds)


def _apply_one(amnesty: Amnesty, dates: list[date], new: PendingDays) -> None:
    kinds, before, freeze_events = new.kinds, numbers_of(new), len(new.events)
    pardoned = [day for day in dates if kinds.get(day) not in (DayKind.ACTIVE, DayKind.PARDONED)]
    frozen = [day for day in pardoned if kinds.get(day) == DayKind.FROZEN]
    for day in pardoned:
        pardon(day, kinds, new)
    if not pardoned:
        return
    refresh_streak(new.profile, kinds)
    after = numbers_of(new)
    effect = AppliedAmnesty(
        amnesty=amnesty,
        learner_id=new.profile.pk,
        days=_texts(pardoned),
        returned=_texts(event.date for event in new.events[freeze_events:]),
        frozen=_texts(frozen),
        streak_before=before.current,
        streak_after=after.current,
        applied_at=new.at,
        state=hash_state(new.profile),
        behind=hash_behind(new, pardoned),
        has_given=after != before,
    )
    new.effects.append(effect)


def pardon(day: date, days: dict[date, str], new: PendingDays) -> None:
    """Nothing changes if the learner was active on that date."""
    if days.get(day) in (DayKind.ACTIVE, DayKind.PARDONED):
        return
    if days.get(day) == DayKind.FROZEN:
        new.return_freeze(day)
    new.pardon(day)
    days[day] = DayKind.PARDONED


def _texts(dates: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in dates]


def _earliest_that_matters(days: dict[date, str], at: datetime) -> date:
    """Before this date no activity was or can still be recorded, so no run could include a pardoned day."""
    # One more day, since the local date may be the one before.
    return min([*days, (at - settings.EVENT_MAX_AGE).date() - DAY])
