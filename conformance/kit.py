"""What every promise is tried with: a learner, a level that pays each time, and a look at the books."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from .caller import Answer, Caller


class PromiseError(Exception):
    """A promise was not kept; the message says what happened instead."""


@dataclass(frozen=True)
class Promise:
    words: str
    check: Callable[["Kit"], None]


class Kit:
    def __init__(self, api: Caller, level: str, max_score: int):
        self.api = api
        self.level = level
        self.max_score = max_score
        self._seconds = count(1)  # so that no two deeds look alike

    def deed(self, **changes) -> dict:
        """What `levels/complete` takes, under a new id."""
        return {
            "level_id": self.level,
            "score": self.max_score,
            "time_spent": next(self._seconds),
            "client_event_id": str(uuid.uuid4()),
            **changes,
        }

    def complete(self, deed: dict, **headers) -> Answer:
        return self.api.post("levels/complete", deed, **headers)

    def completed(self, deed: dict, **headers) -> dict:
        """The reward; PromiseError where there is none."""
        return expect(self.complete(deed, **headers), 200)

    def sync(self, events: list[dict]) -> list[dict]:
        results = expect(self.api.post("sync", {"events": events}), 200).get("results")
        if not isinstance(results, list) or len(results) != len(events):
            raise PromiseError(f"{len(events)} events were sent, but there are not as many results.")
        return results

    def total(self) -> int:
        return expect(self.api.get("gamification/xp/level"), 200)["total_xp"]


def expect(answer: Answer, status: int, code: str = "") -> dict:
    if answer.status != status or (code and answer.code != code):
        wanted = f"{status} {code}".strip()
        raise PromiseError(f"Expected {wanted}, got {answer.status} {answer.code}".strip() + ".")
    return answer.json


def same(name: str, found, expected) -> None:
    if found != expected:
        raise PromiseError(f"{name} is {found!r}, not {expected!r}.")


def earned(reward: dict) -> int:
    """All that a deed brought: its own XP, a bonus, achievements."""
    return reward.get("total_awarded_xp", reward.get("awarded_xp", 0))
