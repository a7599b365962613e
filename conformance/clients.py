"""Tries a client: it gets deeds to tell over a bad line, and afterwards the books are looked at."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator

from .bad_line import FAULTS, Line, bad_line
from .kit import Kit, Promise, PromiseError, earned

DEEDS = 2 * len(FAULTS)
DONE_WITHIN = 300  # seconds

Result = tuple[Promise, str]


def try_client(kit: Kit, command: str, url: str, credentials: dict[str, str]) -> Iterator[Promise]:
    """Promises about what the client has done; it is run when the first one is asked for.

    `command` gets SKILLQUEST_URL (with /api/v1), SKILLQUEST_USERNAME and SKILLQUEST_PASSWORD in its environment and a
    deed a line on its standard input: the body of `levels/complete`. It ends with 0 when all are told.
    """
    deeds = [kit.deed() for _ in range(DEEDS)]
    before = kit.total()
    with bad_line(url) as (line, address):
        ended = _run(command, deeds, {**credentials, "SKILLQUEST_URL": f"{address}{kit.api.base}"})
    paid = kit.total() - before
    rewards = [kit.completed(deed) for deed in deeds]
    yield Promise("The client ends well.", lambda _: _expect_end(ended))
    yield Promise("Every deed has arrived.", lambda _: _expect_all(rewards))
    yield Promise("No deed was paid twice.", lambda _: _expect_paid(rewards, paid))
    yield Promise("The client waits as long as Retry-After says.", lambda _: _expect_patience(line))


def _run(command: str, deeds: list[dict], environment: dict[str, str]) -> str:
    """What went wrong with the program itself, or nothing."""
    told = "".join(json.dumps(deed) + "\n" for deed in deeds)
    try:
        ended = subprocess.run(  # noqa: S603 (the developer's own command)
            shlex.split(command), input=told, text=True, env=os.environ | environment, timeout=DONE_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        return f"It was still running after {DONE_WITHIN} seconds."
    except OSError as error:
        return f"It cannot be run: {error}."
    return f"It ended with {ended.returncode}." if ended.returncode else ""


def _expect_end(trouble: str) -> None:
    if trouble:
        raise PromiseError(trouble)


def _expect_all(rewards: list[dict]) -> None:
    lost = sum(reward["is_new_completion"] for reward in rewards)
    if lost:
        raise PromiseError(f"{lost} of {len(rewards)} deeds are not on record under the id that they were given.")


def _expect_paid(rewards: list[dict], paid: int) -> None:
    due = sum(earned(reward) for reward in rewards if not reward["is_new_completion"])
    if paid > due:
        raise PromiseError(f"{paid} XP were paid for deeds that are worth {due}.")


def _expect_patience(line: Line) -> None:
    if line.impatient:
        raise PromiseError(f"It came back too early {line.impatient} times.")
