"""What honest learners play, and how their clients report it: made up from a seed, the same each time.

A learner plays one thing after the other. Reports of it come late, in batches, from clocks that are wrong, with and
without times; but nothing in them is invented.
"""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import cached_property
from zoneinfo import ZoneInfo

START, DAYS = datetime(2026, 3, 2, tzinfo=UTC), 60
ZONES = ["UTC", "Asia/Jakarta", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "America/Sao_Paulo"]
ZONES += ["Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Africa/Nairobi"]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CLASS_OF, CLASS_BEGINS = 35, clock_time(9, 30)
MODE_PLAYS, WORDS = 10, 1_000  # of one local date; the published limits are ten plays, and 2 000 words
MARATHON, GUEST_DAYS, OFFLINE_AT_MOST = 10 * HOUR, 5, timedelta(days=10)
SENT_WITHIN = timedelta(days=28)  # leaves room for clocks that are a day wrong
# Minutes of a session; marathons have ten hours, in lessons with short breaks.
SESSIONS = {"casual": (2, 30), "classroom": (35, 50), "evening": (20, 120), "offline": (10, 90), "guest": (5, 40)}
STYLES = [*SESSIONS, "marathon"]
# How likely a learner is to play on a date; of the offline weeks more than half.
ACTIVE = {"casual": 0.15, "classroom": 0.2, "evening": 0.15, "offline": 0.1, "guest": 0.15, "marathon": 0.04}
ACTIVE_OFFLINE = 0.6
CLOCK_ERRORS = [timedelta()] * 6 + [timedelta(seconds=40), -2 * HOUR, 7 * HOUR, timedelta(days=-1)]
LANGUAGES = ["id", "en-GB", "de"]


@dataclass(frozen=True)
class PlayableLevel:
    level_id: str
    kind: str
    expected: int | None  # seconds
    max_score: int
    pass_score: int
    questions: tuple[int, int] | None  # all of them, and how many right answers pass
    prerequisites: frozenset[str]


@dataclass(frozen=True)
class Play:
    """One thing that was really played. `seconds` is what the client sends of its length, None if it sends none."""

    level: PlayableLevel
    began: datetime
    ended: datetime
    score: int
    correct: int | None
    metadata: dict
    seconds: int | None
    event_id: str


@dataclass
class Report:
    """Plays that are sent together; `clock_error` is how much the device's clock is ahead."""

    at: datetime
    plays: list[Play]
    in_batch: bool
    clock_error: timedelta = timedelta()


@dataclass
class HonestLearner:
    """`made_at` is when the account was made; guests have played before."""

    seed: int
    number: int
    levels: list[PlayableLevel]
    passed: set[str] = field(default_factory=set)
    mode_plays: Counter = field(default_factory=Counter)  # by the local date on which they count
    words: Counter = field(default_factory=Counter)

    @cached_property
    def rng(self) -> random.Random:
        return random.Random(f"{self.seed} {self.number}")

    @cached_property
    def style(self) -> str:
        return STYLES[self.number // CLASS_OF % len(STYLES)]

    @cached_property
    def zone(self) -> str:
        # A classroom is in one place.
        return ZONES[self.number // CLASS_OF % len(ZONES)] if self.style == "classroom" else self.rng.choice(ZONES)

    @cached_property
    def tells_time(self) -> bool:
        return self.rng.random() > 0.15

    @property
    def made_at(self) -> datetime:
        return START + (timedelta(days=GUEST_DAYS) if self.style == "guest" else timedelta())

    def reports(self) -> list[Report]:
        """In the order in which they are sent."""
        plays = [play for day in range(DAYS) if self.is_active(day) for play in self.day(START.date(), day)]
        return sorted(self.send(sorted(plays, key=lambda play: play.ended)), key=lambda report: report.at)

    def is_active(self, day: int) -> bool:
        """Guests begin on the first day."""
        is_offline_week = self.style == "offline" and day // 7 % 2
        likely = ACTIVE_OFFLINE if is_offline_week else ACTIVE[self.style]
        return self.rng.random() < likely or (self.style == "guest" and day == 0)

    # --- A day --------------------------------------------------------------------------------------------------------

    def day(self, first: date, number: int) -> Iterator[Play]:
        day = first + timedelta(days=number)
        counts_on = max(day, self.made_at.astimezone(ZoneInfo(self.zone)).date())
        for began, length in self.sessions(day):
            moment, end = began, began + length
            while (end - moment) >= MINUTE and (play := self.play(moment, end, counts_on)):
                moment = play.ended + timedelta(seconds=self.rng.randint(2, 40))
                yield play

    def sessions(self, day: date) -> list[tuple[datetime, timedelta]]:
        """(when it begins, how long it lasts), one after the other, all on this local date."""
        rng = self.rng
        if self.style == "marathon":
            return [(self.at(day, clock_time(9)) + lesson * HOUR, 58 * MINUTE) for lesson in range(MARATHON // HOUR)]
        if self.style == "classroom":
            # 35 people within one minute; a second lesson that ends within the same clock hour as the first.
            begins = self.at(day, CLASS_BEGINS) + timedelta(seconds=rng.randint(0, 59))
            length = rng.randint(*SESSIONS["classroom"]) * MINUTE
            return [(begins, length), (begins + length + 5 * MINUTE, rng.randint(10, 40) * MINUTE)]
        hours = sorted(rng.sample(range(7, 20, 3), rng.randint(1, 2)))
        return [
            (self.at(day, clock_time(hour)) + rng.randint(0, 50) * MINUTE, rng.randint(*SESSIONS[self.style]) * MINUTE)
            for hour in hours
        ]

    def at(self, day: date, time: clock_time) -> datetime:
        return datetime.combine(day, time, ZoneInfo(self.zone)).astimezone(UTC)

    def play(self, moment: datetime, end: datetime, day: date) -> Play | None:
        """The next thing within a session; None where no time is left for one."""
        rng, left = self.rng, int((end - moment).total_seconds())
        level = self.choose(day)
        usual = level.expected or rng.randint(60, 900)
        seconds = min(max(30, round(usual * rng.uniform(0.3, 1.8))), left)
        if seconds < usual * 0.2:
            return None
        is_good = rng.random() < 0.8
        score, correct = self.result(level, is_good=is_good)
        if is_good:
            self.passed.add(level.level_id)
        if level.kind == "mode":
            self.mode_plays[day] += 1
        return Play(
            level=level,
            began=moment,
            ended=moment + timedelta(seconds=seconds),
            score=score,
            correct=correct,
            metadata=self.metadata(day, seconds),
            seconds=seconds if self.tells_time else None,
            event_id=str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        )

    def choose(self, day: date) -> PlayableLevel:
        """Mostly what is new, sometimes what has been passed, and modes again and again."""
        open_to = [level for level in self.levels if level.prerequisites <= self.passed]
        if self.mode_plays[day] >= MODE_PLAYS:
            open_to = [level for level in open_to if level.kind != "mode"]
        new = [level for level in open_to if level.level_id not in self.passed]
        return self.rng.choice(new if new and self.rng.random() < 0.7 else open_to)

    def result(self, level: PlayableLevel, *, is_good: bool) -> tuple[int, int | None]:
        """(score, right answers)"""
        least = max(level.pass_score, 1)
        score = self.rng.randint(least, level.max_score) if is_good else self.rng.randint(0, least - 1)
        if level.questions is None:
            return score, None
        questions, passing = level.questions
        correct = self.rng.randint(passing, questions) if is_good else self.rng.randint(0, passing - 1)
        return -(-correct * level.max_score // questions), correct

    def metadata(self, day: date, seconds: int) -> dict:
        rng = self.rng
        learned = min(WORDS - self.words[day], rng.randint(0, 2 + seconds // 60))
        self.words[day] += learned
        talks = rng.randint(0, 1 + seconds // 1200)
        values = {"hints_used": rng.randint(0, 3), "words_learned": learned, "conversations": talks}
        return values | ({"language": rng.choice(LANGUAGES)} if rng.random() < 0.2 else {})

    # --- Reports ------------------------------------------------------------------------------------------------------

    def send(self, plays: list[Play]) -> Iterator[Report]:
        """As guests: all at once when the account is made. Offline: a week at once. Else as it happens, mostly."""
        waiting: list[Play] = []
        for play in plays:
            if waiting and (not self.is_offline(play) or play.began - waiting[0].ended > OFFLINE_AT_MOST):
                yield self.batch(waiting, play.began)
                waiting = []
            if self.is_offline(play):
                waiting.append(play)
            else:
                yield Report(play.ended + timedelta(seconds=self.rng.randint(0, 5)), [play], in_batch=False)
        if waiting:
            yield self.batch(waiting, waiting[-1].ended + HOUR)

    def is_offline(self, play: Play) -> bool:
        if self.style == "guest" and play.ended < self.made_at:
            return True
        week = (play.began - START).days // 7
        return week % 2 == 1 if self.style == "offline" else play.event_id < "1"

    def batch(self, plays: list[Play], before: datetime) -> Report:
        """Sent just before the next thing is played online; by a second device, whose clock may be wrong.

        Earlier where that would be too late: the API takes results of the last 30 days.
        """
        at = max(plays[-1].ended, min(before - timedelta(seconds=30), plays[0].ended + SENT_WITHIN))
        return Report(max(at, self.made_at), plays, in_batch=True, clock_error=self.rng.choice(CLOCK_ERRORS))
