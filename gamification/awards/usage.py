"""How much of the limits a learner has used: read with the lock of the profile, or at once for a whole batch."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property

from gamification.models import DayUsage, LearnerProfile
from gamification.profiles.locking import dates_around, usage_of
from hotsql.writes import insert_rows

from .shared_history import SharedHistory

HOURS_A_DAY = 24
EPOCH = date(1970, 1, 1).toordinal()


class Usage:
    """The rows of one learner, whose profile is locked: changed in memory, then written together.

    An hour is [results, seconds of play]. A day has "results" and "xp" and, where there are any, "repeats" (subject ->
    how often it was paid) and "metrics" (metric -> what counted).
    """

    def __init__(
        self, profile: LearnerProfile, moments: Sequence[datetime] = (), shared: SharedHistory | None = None
    ) -> None:
        """`moments` are those that may be asked for; a `shared` history knows them."""
        self.profile, self.moments, self.shared = profile, moments, shared
        self.first, self.last = shared.dates if shared else dates_around(moments)
        self.changed: set[date] = set()

    def hour(self, hour: int) -> list[int]:
        """Of a clock hour, to look at."""
        day, clock = divmod(hour, HOURS_A_DAY)
        used: list[int] = self._row(date.fromordinal(EPOCH + day)).by_hour.get(str(clock), [0, 0])
        return used

    def day(self, day: date) -> dict:
        """Of a local date, to look at."""
        used: dict = self._row(day).by_day
        return used

    def use_hour(self, hour: int, *, results: int = 0, seconds: int = 0) -> None:
        had, played = self.hour(hour)
        day, clock = divmod(hour, HOURS_A_DAY)
        self._change(date.fromordinal(EPOCH + day)).by_hour[str(clock)] = [had + results, played + seconds]

    def use_day(self, day: date) -> dict:
        """Of a local date, to be changed."""
        used: dict = self._change(day).by_day
        return used

    def unwritten(self) -> list[DayUsage]:
        return [self.rows[day] for day in sorted(self.changed)]

    @cached_property
    def rows(self) -> dict[date, DayUsage]:
        """What is stored around `moments`; in one statement where it was not read with the lock."""
        if self.shared is not None:
            return {row.date: row for row in self.shared.usage_of(self.profile.pk)}
        used = usage_of(self.profile)
        if used is not None:
            rows = {date.fromisoformat(day): hours_and_day for day, hours_and_day in used.items()}
            return {day: self._new(day, *hours_and_day) for day, hours_and_day in rows.items()}
        stored = DayUsage.objects.filter(learner_id=self.profile.pk).between(self.first, self.last)
        return {row.date: row for row in stored} if self.moments else {}

    def _row(self, day: date) -> DayUsage:
        if day not in self.rows:
            self.rows[day] = self._stored(day) or self._new(day, {}, {})
        return self.rows[day]

    def _stored(self, day: date) -> DayUsage | None:
        """Rarely asked for: a date far from all moments, such as the one on which the account was made."""
        if self.first <= day <= self.last:
            return None
        return DayUsage.objects.filter(learner_id=self.profile.pk, date=day).first()

    def _change(self, day: date) -> DayUsage:
        self.changed.add(day)
        return self._row(day)

    def _new(self, day: date, by_hour: dict, by_day: dict) -> DayUsage:
        return DayUsage(learner_id=self.profile.pk, date=day, by_hour=by_hour, by_day=by_day)


def write_usage(used: Iterable[Usage]) -> None:
    """Write what was changed for several learners."""
    rows = [row for each in used for row in each.unwritten()]
    insert_rows(rows, conflict="(learner_id, date)", changes=["by_hour", "by_day"])
