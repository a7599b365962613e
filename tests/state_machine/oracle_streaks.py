"""Active and frozen days of a learner, and the streak computed from the whole calendar each time.

Nothing is imported from the product, which keeps running totals; this keeps none.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .records import RefusedError

DAY = timedelta(days=1)
MOST_FREEZES = 3
ZONE_CHANGE_PAUSE = timedelta(hours=24)
LEAST_MOMENT = timedelta(microseconds=1)
HALF_A_DAY = timedelta(hours=12)
FIRST_MOMENT, LAST_MOMENT = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Calendar:
    """Of one learner. `days` has the kind of each date (active, frozen), `moves` the changes of freezes, in order."""

    def __init__(self):
        self.days: dict[date, str] = {}
        self.completed: set[date] = set()
        self.moves: list[tuple[str, date]] = []
        self.zones = [(FIRST_MOMENT, "UTC")]
        self.dated_until = FIRST_MOMENT

    # Dates

    def local(self, moment: datetime) -> datetime:
        zone = [zone for since, zone in self.zones if since <= moment][-1]
        return moment.astimezone(ZoneInfo(zone))

    def date(self, moment: datetime) -> date:
        """The local date, which no later change of the time zone changes."""
        self.dated_until = max(moment, self.dated_until)
        return self.local(moment).date()

    def change_zone(self, zone: str, *, now: datetime) -> None:
        since, present = self.zones[-1]
        if zone == present:
            return
        if len(self.zones) > 1 and now < since + ZONE_CHANGE_PAUSE:
            raise RefusedError("time_zone_change_too_soon")
        self.zones.append((max(now, self.dated_until + LEAST_MOMENT), zone))

    # Numbers

    @property
    def freezes(self) -> int:
        return MOST_FREEZES + sum(-1 if kind == "used" else 1 for kind, _ in self.moves)

    @property
    def freezes_used(self) -> int:
        return sum(kind == "used" for kind, _ in self.moves)

    @property
    def active(self) -> list[date]:
        return sorted(day for day, kind in self.days.items() if kind == "active")

    @property
    def run(self) -> int:
        """Active days of the latest run, alive or not."""
        return self._active_in(self._run_around(self.active[-1])) if self.active else 0

    @property
    def longest(self) -> int:
        return max((self._active_in(self._run_around(day)) for day in self.active), default=0)

    def run_until(self, day: date) -> int:
        return self._active_in([other for other in self._run_around(day) if other <= day])

    def is_alive_on(self, day: date) -> bool:
        return bool(self.active) and len(self._missed_before(day)) <= self.freezes

    def streak_at(self, now: datetime) -> int:
        return self.run if self.is_alive_on(self.local(now).date()) else 0

    # What happens on a day

    def visit(self, day: date, *, completed: bool) -> tuple[str, bool]:
        """What it does to the streak, and whether it is the first completion of that date."""
        action = "maintained" if self.days.get(day) == "active" else self._arrive(day)
        is_first = completed and day not in self.completed
        if completed:
            self.completed.add(day)
        return action, is_first

    def protect(self, day: date) -> None:
        if not self._is_missed(day):
            return
        if not self.is_alive_on(day):
            raise RefusedError("no_streak")
        wanted = [day, *self._missed_before(day)]
        if len(wanted) > self.freezes:
            raise RefusedError("no_freezes_left")
        self._freeze(wanted)

    # Helpers

    def _arrive(self, day: date) -> str:
        had_days, before, is_late = bool(self.active), self.run, self._is_late(day)
        missed, is_alive = self._missed_before(day), self.is_alive_on(day)
        if self.days.get(day) == "frozen":
            self._add_freeze("returned", day)
        if is_alive and not is_late:
            self._freeze(missed)
        self.days[day] = "active"
        if self.run_until(day) % 7 == 0:
            self._add_freeze("granted", day)
        if not had_days:
            return "started"
        if is_late:
            return "increased" if self.run > before else "maintained"
        if not is_alive:
            return "broken"
        return "frozen" if missed else "increased"

    def _is_late(self, day: date) -> bool:
        return bool(self.active) and day <= self._run_around(self.active[-1])[-1]

    def _missed_before(self, day: date) -> list[date]:
        """The missed dates since the latest run."""
        if not self.active:
            return []
        last = self._run_around(self.active[-1])[-1]
        between = [last + DAY * number for number in range(1, (day - last).days)]
        return [missed for missed in between if self._is_missed(missed)]

    def _is_missed(self, day: date) -> bool:
        return day not in self.days and not self._is_skipped(day)

    def _is_skipped(self, day: date) -> bool:
        """Whether the local clock showed less than half of the date, because of changes of the time zone."""
        midnight, shown = datetime.combine(day, time.min, UTC), timedelta()
        ends = [since for since, _ in self.zones[1:]] + [LAST_MOMENT]
        for (since, zone), until in zip(self.zones, ends, strict=True):
            first, last = wall_time(since, zone), wall_time(until, zone)
            shown += max(timedelta(), min(last, midnight + DAY) - max(first, midnight))
            if last >= midnight + DAY:
                break
        return shown < HALF_A_DAY

    def _run_around(self, day: date) -> list[date]:
        """The dates of the run without skipped ones."""
        first = last = day
        while not self._is_missed(first - DAY):
            first -= DAY
        while not self._is_missed(last + DAY):
            last += DAY
        dates = [first + DAY * number for number in range((last - first).days + 1)]
        return [date for date in dates if date in self.days]

    def _active_in(self, days: list[date]) -> int:
        return sum(self.days[day] == "active" for day in days)

    def _freeze(self, days: list[date]) -> None:
        for day in days:
            self.days[day] = "frozen"
            self.moves.append(("used", day))

    def _add_freeze(self, kind: str, day: date) -> None:
        if self.freezes < MOST_FREEZES:
            self.moves.append((kind, day))


def wall_time(moment: datetime, zone: str) -> datetime:
    """The local time in `zone`, with UTC as its time zone, so that only clock times are compared."""
    if moment in (FIRST_MOMENT, LAST_MOMENT):
        return moment
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
