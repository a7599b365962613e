"""The day rows and freeze events of a deed, gathered and then written in one statement each."""

from datetime import date, datetime

from django.conf import settings

from .models import ActivityDay, FreezeEvent, LearnerProfile
from .streaks import Kind


class NewRows:
    """What one deed writes for one learner; the number of freezes on the (locked) profile follows at once."""

    def __init__(self, profile: LearnerProfile, at: datetime):
        self.profile, self.at = profile, at
        self.days: list[ActivityDay] = []
        self.events: list[FreezeEvent] = []

    def activate(self, day: date, completed: bool) -> None:
        self._stand(day, Kind.ACTIVE, completed)

    def pardon(self, day: date) -> None:
        self._stand(day, Kind.PARDONED)

    def freeze(self, days: list[date]) -> None:
        """The caller has seen that there are enough freezes."""
        if not days:
            return
        self.profile.counters["freezes_used"] = self.profile.counters.get("freezes_used", 0) + len(days)
        for day in days:
            self._stand(day, Kind.FROZEN)
            self._move(FreezeEvent.Kind.USED, -1, day)

    def give_back(self, day: date) -> None:
        """The freeze that stood for `day`; lost to a learner who has as many as one can have."""
        if self._has_room():
            self._move(FreezeEvent.Kind.RETURNED, 1, day)

    def earn_freeze(self, day: date, run: int) -> None:
        """One for every seventh day of a run, on the date that is recorded as such."""
        if run % settings.STREAK_DAYS_FOR_A_FREEZE == 0 and self._has_room():
            self._move(FreezeEvent.Kind.GRANTED, 1, day)

    def write(self) -> None:
        write_all([self])

    def _has_room(self) -> bool:
        return self.profile.freezes_available < settings.STREAK_FREEZES_AT_MOST

    def _stand(self, day: date, kind: Kind, completed: bool = False) -> None:
        learner_id = self.profile.pk
        self.days.append(
            ActivityDay(learner_id=learner_id, date=day, kind=kind, completed=completed, recorded_at=self.at)
        )

    def _move(self, kind: FreezeEvent.Kind, delta: int, day: date) -> None:
        self.profile.freezes_available += delta
        self.events.append(
            FreezeEvent(learner_id=self.profile.pk, kind=kind, delta=delta, date=day, created_at=self.at)
        )


def write_all(new_rows: list[NewRows]) -> None:
    """A date that stood for something else (a frozen day that turns out active) is written over."""
    days = [day for new in new_rows for day in new.days]
    events = [event for new in new_rows for event in new.events]
    if days:
        ActivityDay.objects.bulk_create(
            days,
            update_conflicts=True,
            unique_fields=["learner", "date"],
            update_fields=["kind", "completed", "recorded_at"],
        )
    if events:
        FreezeEvent.objects.bulk_create(events)
