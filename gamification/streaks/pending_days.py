"""A learner's day rows and freeze events: read once at most, changed in memory, then written together."""

import copy
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property

from django.conf import settings

from gamification.models import ActivityDay, AppliedAmnesty, DayKind, FreezeEvent, LearnerProfile
from hotsql.writes import insert_rows

ONE_ROW_A_DATE = "(learner_id, date)"  # conflict target


StoredDay = tuple[date, str, bool]  # date, kind, completed


class StoredDays:
    """The day rows of several learners: read for all of them when those of the first one are needed."""

    def __init__(self, profiles: Sequence[LearnerProfile]) -> None:
        self.profiles = profiles

    def of(self, learner_id: int) -> list[StoredDay]:
        return self._by_learner[learner_id]

    @cached_property
    def _by_learner(self) -> dict[int, list[StoredDay]]:
        """Nothing is queried for learners who have no days, as their profiles say."""
        active = [each.pk for each in self.profiles if each.last_day is not None or each.has_later_days]
        found: dict[int, list[StoredDay]] = defaultdict(list)
        rows = ActivityDay.objects.filter(learner_id__in=active).values_list("learner_id", "date", "kind", "completed")
        for learner_id, day, kind, completed in rows:
            found[learner_id].append((day, kind, completed))
        return found


class PendingDays:
    """Days and freeze events to be written for one learner; the freezes of the (locked) profile change at once."""

    def __init__(self, profile: LearnerProfile, at: datetime, stored: "StoredDays | None" = None) -> None:
        self.profile, self.at = profile, at
        self.stored = stored or StoredDays([profile])
        self.new: dict[date, ActivityDay] = {}
        self.newly_completed: set[date] = set()  # of days that are stored
        self.events: list[FreezeEvent] = []
        self.effects: list[AppliedAmnesty] = []

    def copy(self) -> "PendingDays":
        """To try something out with; nothing of it is written."""
        same = copy.copy(self)
        same.profile, same.new, same.events = copy.copy(self.profile), {**self.new}, [*self.events]
        same.kinds = {**self.kinds}
        return same

    @cached_property
    def kinds(self) -> dict[date, str]:
        """Of each date that has a row, stored or new."""
        return {date: kind for date, kind, _ in self._stored} | {date: row.kind for date, row in self.new.items()}

    def is_completed(self, day: date) -> bool:
        """Whether its first completion was recorded."""
        if day in self.new:
            return self.new[day].completed
        return day in self.newly_completed or day in self._completed_before

    def activate(self, day: date, completed: bool) -> None:
        self._set_kind(day, DayKind.ACTIVE, completed)

    def complete(self, day: date) -> None:
        """The first completion of a day that is active already."""
        if day in self.new:
            self.new[day].completed = True
        else:
            self.newly_completed.add(day)

    def pardon(self, day: date) -> None:
        self._set_kind(day, DayKind.PARDONED)

    def freeze(self, days: list[date]) -> None:
        """The caller has checked that there are enough freezes."""
        if not days:
            return
        self.profile.counters["freezes_used"] = self.profile.counters.get("freezes_used", 0) + len(days)
        for day in days:
            self._set_kind(day, DayKind.FROZEN)
            self._add_event(FreezeEvent.Kind.USED, -1, day)

    def return_freeze(self, day: date) -> None:
        """The freeze that was used for `day`; it is lost where the learner has the maximum already."""
        if self._has_room():
            self._add_event(FreezeEvent.Kind.RETURNED, 1, day)

    def grant_freeze_if_due(self, day: date, run: int) -> None:
        """One for every seventh day of a run, when that day is recorded."""
        if run % settings.STREAK_DAYS_FOR_A_FREEZE == 0 and self._has_room():
            self._add_event(FreezeEvent.Kind.GRANTED, 1, day)

    @property
    def completed_rows(self) -> list[ActivityDay]:
        """Stored days whose first completion is to be noted."""
        return [self._day(day, DayKind.ACTIVE, completed=True) for day in self.newly_completed]

    @cached_property
    def _stored(self) -> list[StoredDay]:
        return self.stored.of(self.profile.pk)

    @cached_property
    def _completed_before(self) -> set[date]:
        return {date for date, _, completed in self._stored if completed}

    def _has_room(self) -> bool:
        return self.profile.freezes_available < settings.STREAK_FREEZES_AT_MOST

    def _set_kind(self, day: date, kind: DayKind, completed: bool = False) -> None:
        self.new[day] = self._day(day, kind, completed)
        if "kinds" in vars(self):
            self.kinds[day] = kind

    def _day(self, day: date, kind: DayKind, completed: bool) -> ActivityDay:
        return ActivityDay(learner_id=self.profile.pk, date=day, kind=kind, completed=completed, recorded_at=self.at)

    def _add_event(self, kind: FreezeEvent.Kind, delta: int, day: date) -> None:
        self.profile.freezes_available += delta
        self.events.append(
            FreezeEvent(learner_id=self.profile.pk, kind=kind, delta=delta, date=day, created_at=self.at)
        )


def write_days(pending: list[PendingDays]) -> None:
    """Write the days and freeze events of several learners; a stored day (frozen, now active) is overwritten."""
    days = [day for each in pending for day in each.new.values()]
    completed = [day for each in pending for day in each.completed_rows]
    events = [event for each in pending for event in each.events]
    insert_rows(days, conflict=ONE_ROW_A_DATE, changes=["kind", "completed", "recorded_at"])
    insert_rows(events)
    insert_rows(completed, conflict=ONE_ROW_A_DATE, changes=["completed"])
    insert_rows([effect for each in pending for effect in each.effects])
