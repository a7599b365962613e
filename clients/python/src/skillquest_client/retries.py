"""When to try again: exponential backoff with full jitter, never before the server's Retry-After."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from .errors import SkillQuestError


@dataclass(frozen=True)
class Retries:
    """Seconds. Where the server asks to wait longer than `longest_wait`, the error is raised instead."""

    tries: int = 5
    first_pause: float = 0.5
    longest_pause: float = 8.0
    longest_wait: float = 120.0
    jitter: Callable[[], float] = random.random

    def pause_after(self, tried: int, error: SkillQuestError) -> float | None:
        """None where there is to be no further try."""
        asked = error.retry_after or 0.0
        if not error.may_pass or tried >= self.tries or asked > self.longest_wait:
            return None
        longest = min(self.longest_pause, self.first_pause * float(2 ** (tried - 1)))
        # A part at random on top of Retry-After too, or all clients of a class come back in the same second.
        return asked + longest * self.jitter()


NEVER = Retries(tries=1)
