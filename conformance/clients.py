"""Checks a client: it sends completions through an unreliable proxy, and then the learner's XP is compared."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator

from .kit import Check, CheckError, Kit, earned, expect
from .unreliable_proxy import FAULTS, ProxyState, unreliable_proxy

COMPLETIONS = 2 * len(FAULTS)
TIMEOUT = 300  # seconds


def check_client(kit: Kit, command: str, url: str, credentials: dict[str, str]) -> Iterator[Check]:
    """Run the client, then yield the checks of what it has done.

    `command` gets SKILLQUEST_URL (with /api/v1), SKILLQUEST_USERNAME and SKILLQUEST_PASSWORD in its environment and one
    body of `levels/complete` a line on its standard input. It must exit with 0 when all have been sent.
    """
    completions = [kit.completion() for _ in range(COMPLETIONS)]
    before, recorded_before = kit.standing()
    with unreliable_proxy(url) as (proxy, address):
        failure = _run(command, completions, {**credentials, "SKILLQUEST_URL": f"{address}{kit.api.base}"})
    total, recorded = kit.standing()
    rewards = [expect(kit.complete(completion), 200) for completion in completions]
    yield Check("The client exits with 0.", lambda _: _expect_success(failure))
    yield Check("Every completion has arrived.", lambda _: _expect_all(rewards))
    yield Check(
        "No completion was paid twice.", lambda _: _expect_once(rewards, total - before, recorded - recorded_before)
    )
    yield Check("The client waits as long as Retry-After says.", lambda _: _expect_waiting(proxy))


def _run(command: str, completions: list[dict], environment: dict[str, str]) -> str:
    """How the program itself failed, or an empty string."""
    lines = "".join(json.dumps(completion) + "\n" for completion in completions)
    try:
        process = subprocess.run(  # noqa: S603 (the developer's own command)
            shlex.split(command), input=lines, text=True, env=os.environ | environment, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return f"It was still running after {TIMEOUT} seconds."
    except OSError as error:
        return f"It cannot be run: {error}."
    return f"It exited with {process.returncode}." if process.returncode else ""


def _expect_success(failure: str) -> None:
    if failure:
        raise CheckError(failure)


def _expect_all(rewards: list[dict]) -> None:
    lost = sum(reward["is_new_completion"] for reward in rewards)
    if lost:
        raise CheckError(f"{lost} of {len(rewards)} completions were not recorded with their event ids.")


def _expect_once(rewards: list[dict], paid: int, recorded: int) -> None:
    arrived = [reward for reward in rewards if not reward["is_new_completion"]]
    due = sum(map(earned, arrived))
    if paid > due:
        raise CheckError(f"{paid} XP were paid for completions that are worth {due}.")
    if recorded > len(arrived):
        raise CheckError(f"{recorded} completions were recorded instead of {len(arrived)}.")


def _expect_waiting(proxy: ProxyState) -> None:
    if proxy.early_retries:
        raise CheckError(f"It retried too early {proxy.early_retries} times.")
