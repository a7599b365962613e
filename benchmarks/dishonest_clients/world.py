"""The clients of the strategies: accounts that reach the product only by its API, on a clock that the world moves."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from rest_framework.test import APIClient

from gamification.models import LearnerProfile
from levels.models import Level
from skillquest.accounts.models import User

# Noon of a Friday; strategies end here, or later.
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BATCH = 500
EVERYTHING = {"hints_used": 0, "words_learned": 500, "conversations": 50}
SLOW_SECONDS, SLOW_LEVELS, RICH_LEVELS = 600, 60, 20
PASSWORD = "storm and stress, twice"


@dataclass(frozen=True)
class Strategy:
    """`dates` and `hours`: on how many local dates and clock hours an honest player could have had these results.

    `allowed` is what staff may do in such a case without a second person, in XP; None for strategies of players.
    """

    name: str
    play: Callable[["World"], list["Cheat"]]
    dates: int
    hours: int
    allowed: int | None


STRATEGIES: list[Strategy] = []


def strategy(*, dates: int = 1, hours: int | None = None, allowed: int | None = None) -> Callable:
    """Register a function that plays a strategy, and returns the accounts that gain by it."""

    def register(play: Callable) -> Callable:
        name = play.__name__.replace("_", " ")
        STRATEGIES.append(Strategy(name, play, dates, 24 * dates if hours is None else hours, allowed))
        return play

    return register


class World:
    """The shipped catalogue, levels that ask for a least time, levels with high rewards, and a clock."""

    def __init__(self, clock: time_machine.Traveller) -> None:
        self.clock, self.accounts = clock, 0
        make_levels()
        self.path = list(in_order(Level.objects.prefetch_related("prerequisites").order_by("pk")))
        self.by_id = {level.level_id: level for level in self.path}

    def move_to(self, moment: datetime) -> None:
        self.clock.move_to(moment, tick=False)

    def sign_up(self, *, age: timedelta = timedelta(), zone: str = "UTC") -> "Cheat":
        """An account that was made `age` before NOW; then it is NOW."""
        self.move_to(NOW - age)
        self.accounts += 1
        cheat = Cheat(f"cheat-{self.accounts}", zone)
        self.move_to(NOW)
        return cheat

    def colleague(self, *groups: str) -> "Cheat":
        """Staff, in these groups; without any, a superuser."""
        cheat = self.sign_up(age=40 * DAY)
        cheat.user.is_staff, cheat.user.is_superuser = True, not groups
        cheat.user.save()
        cheat.user.groups.set(Group.objects.filter(name__in=groups))
        cheat.admin.force_login(cheat.user)
        return cheat

    def levels_of(self, kind: str) -> list[Level]:
        return [level for level in self.path if level.kind == kind]

    @property
    def slow_levels(self) -> list[Level]:
        return [self.by_id[f"slow-{number}"] for number in range(SLOW_LEVELS)]

    @property
    def rich_levels(self) -> list[Level]:
        return [self.by_id[f"rich-{number}"] for number in range(RICH_LEVELS)]


@contextmanager
def new_world() -> Iterator[World]:
    with time_machine.travel(NOW - 60 * DAY, tick=False) as clock:
        yield World(clock)


def make_levels() -> None:
    """With the shipped achievements, but no shipped level has a least time or a reward near the daily limit."""
    kinds = {
        "slow": (SLOW_LEVELS, {"xp_reward": 300, "metadata": {"min_seconds": SLOW_SECONDS}}),
        "rich": (RICH_LEVELS, {"xp_reward": 900}),
    }
    for name, (count, fields) in kinds.items():
        for number in range(count):
            Level.objects.create(
                level_id=f"{name}-{number}", name=f"{name} {number}", category=name, xp_rule="fixed", **fields
            )


def in_order(levels) -> Iterator[Level]:
    """Each level after its prerequisites."""
    waiting, done = list(levels), set()
    while waiting:
        ready = [level for level in waiting if {needed.pk for needed in level.prerequisites.all()} <= done]
        yield from ready
        done |= {level.pk for level in ready}
        waiting = [level for level in waiting if level.pk not in done]


def event(level: Level, at: datetime | None = None, **changes) -> dict:
    """A perfect result with everything that metadata can claim; `changes` with None leave a field out."""
    result = {
        "type": "level_completion",
        "client_event_id": str(uuid.uuid4()),
        "level_id": level.level_id,
        "score": level.max_score,
        "time_spent": 3_600,
        "metadata": EVERYTHING,
        "occurred_at": at and at.isoformat(),
    }
    return {name: value for name, value in (result | changes).items() if value is not None}


class Cheat:
    """One account and its client."""

    def __init__(self, name: str, zone: str) -> None:
        self.api = APIClient()
        person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        self.post("auth/register", **person)
        self.user = User.objects.get(username=name)
        self.api.force_authenticate(self.user)
        self.admin = Client()
        self.xp_before = 0
        if zone != "UTC":
            self.set_zone(zone)

    def post(self, path: str, **body) -> dict:
        return self.api.post(f"/api/v1/{path}", body, format="json").json()

    def set_zone(self, zone: str) -> None:
        self.api.patch("/api/v1/auth/me", {"time_zone": zone}, format="json")

    def sync(self, events: list[dict], **more) -> list[dict]:
        results = []
        for first in range(0, len(events), BATCH):
            answer = self.post("sync", events=events[first : first + BATCH], **more)
            results += answer.get("results", [])
        return results

    def complete(self, level: Level, at: datetime | None = None, **changes) -> dict:
        body = event(level, at, **changes)
        del body["type"]
        return self.post("levels/complete", **body)

    def train(self, level: Level, **changes) -> dict:
        """All answers right."""
        questions = level.metadata["total_questions"]
        answers = {"total_questions": questions, "correct_answers": questions, "score": level.max_score}
        return self.post("training/progress/submit", level_id=level.level_id, **answers | changes)

    def start(self, level: Level) -> int:
        return self.post("sessions/start", level_id=level.level_id)["session_id"]

    def end(self, session: int, score: int, **metadata) -> dict:
        return self.post("sessions/end", session_id=session, score=score, metadata=EVERYTHING | metadata)

    def attempt(self, level: Level, score: int) -> dict:
        started = self.post("attempts", challenge_id=level.level_id)["id"]
        return self.post(f"attempts/{started}/submit", score=score, metadata=EVERYTHING)

    def gained(self) -> dict[str, int]:
        profile = LearnerProfile.objects.get(pk=self.user.pk)
        counters = {name: profile.counters.get(name, 0) for name in ("study_seconds", "words_learned", "conversations")}
        return {
            "xp": profile.total_xp - self.xp_before,
            "streak": profile.longest_streak,
            "levels": profile.levels_completed,
            "achievements": profile.achievements_unlocked,
            **counters,
        }
