"""What every check uses: a signed-in learner, a level that pays for each completion, and the learner's total."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from .caller import Answer, Caller


class CheckError(Exception):
    """A check failed; the message says what happened instead."""


@dataclass(frozen=True)
class Check:
    description: str
    run: Callable[["Kit"], None]


class Kit:
    """`level` is the level as `GET levels/{id}` has it."""

    def __init__(self, api: Caller, level: dict) -> None:
        self.api = api
        self.level, self.max_score = level["level_id"], level["max_score"]
        # Nobody plays, so no time is claimed, except where a level asks for one: a server holds what is too fast.
        least = level["metadata"].get("min_seconds")
        self._time = {"time_spent": least} if least else {}
        self._mistakes = count(1)  # so that no two completions have the same content

    def completion(self, **changes: object) -> dict:
        """A body for `levels/complete` with a new event id."""
        return {
            "level_id": self.level,
            "score": self.max_score,
            **self._time,
            "metadata": {"mistakes": next(self._mistakes)},
            "client_event_id": str(uuid.uuid4()),
            **changes,
        }

    def complete(self, completion: dict, **headers: str) -> Answer:
        return self.api.post("levels/complete", completion, **headers)

    def reward(self, completion: dict, **headers: str) -> dict:
        """The reward of a completion; CheckError unless the status is 200 and it was paid at once."""
        reward = expect(self.complete(completion, **headers), 200)
        if reward.get("held"):
            raise CheckError(f"It was held: {reward['held_reason']}")
        return reward

    def sync(self, events: list[dict]) -> list[dict]:
        results = expect(self.api.post("sync", {"events": events}), 200).get("results")
        if not isinstance(results, list) or len(results) != len(events):
            raise CheckError(f"{len(events)} events were sent, but there are not as many results.")
        return results

    def total(self) -> int:
        return expect(self.api.get("gamification/xp/level"), 200)["total_xp"]

    def completions(self) -> int:
        """How many completions of the level count. They show a double one when the level pays no more on that day."""
        return expect(self.api.get(f"gamification/explain/level/{self.level}"), 200)["level"]["completions"]

    def standing(self) -> tuple[int, int]:
        """The total XP, and the number of completions."""
        return self.total(), self.completions()


def expect(answer: Answer, status: int, code: str = "") -> dict:
    if answer.status != status or (code and answer.code != code):
        wanted = f"{status} {code}".strip()
        raise CheckError(f"Expected {wanted}, got {answer.status} {answer.code}".strip() + ".")
    return answer.json


def expect_equal(name: str, found: object, expected: object) -> None:
    if found != expected:
        raise CheckError(f"{name} is {found!r}, not {expected!r}.")


def earned(reward: dict) -> int:
    """All XP of a completion: its own, streak bonus and achievements."""
    return reward.get("total_awarded_xp", reward.get("awarded_xp", 0))
