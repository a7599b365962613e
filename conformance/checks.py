"""The guarantees that clients may rely on, each checked with calls to the server."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from .kit import Check, CheckError, Kit, earned, expect, expect_equal

CONCURRENT_CALLS = 10
PAGE = 50
VOLATILE = {"is_new_completion", "server_time"}  # what differs between a first answer and its replay

CheckFunction = Callable[[Kit], None]
CHECKS: list[Check] = []


def check(description: str) -> Callable[[CheckFunction], CheckFunction]:
    def register(run: CheckFunction) -> CheckFunction:
        CHECKS.append(Check(description, run))
        return run

    return register


@check("A completion is paid once, and the answer has the new total.")
def completion(kit: Kit) -> None:
    before, completions = kit.standing()
    reward = kit.reward(kit.completion())
    expect_equal("is_new_completion", reward["is_new_completion"], True)
    expect_equal("The sum of xp_breakdown", sum(step["value"] for step in reward["xp_breakdown"]), reward["awarded_xp"])
    expect_equal("The total and completions afterwards", kit.standing(), (before + earned(reward), completions + 1))
    expect_equal("new_total_xp", reward["new_total_xp"], before + earned(reward))


@check("A call without a sign-in is refused.")
def anonymous(kit: Kit) -> None:
    token, kit.api.token = kit.api.token, ""
    try:
        expect(kit.complete(kit.completion()), 401)
    finally:
        kit.api.token = token


@check("A retry with the same event id gets the first answer, and pays nothing.")
def retry(kit: Kit) -> None:
    completion = kit.completion()
    first = kit.reward(completion)
    standing = kit.standing()
    again = kit.reward(completion)
    expect_equal("is_new_completion of the retry", again["is_new_completion"], False)
    expect_equal("The answer to the retry", _without_volatile(again), _without_volatile(first))
    expect_equal("The total and completions after the retry", kit.standing(), standing)


@check(f"{CONCURRENT_CALLS} concurrent calls with one event id are one completion.")
def concurrent(kit: Kit) -> None:
    (before, completions), completion = kit.standing(), kit.completion()
    with ThreadPoolExecutor(CONCURRENT_CALLS) as threads:
        rewards = list(threads.map(kit.reward, [completion] * CONCURRENT_CALLS))
    expect_equal(
        "The number of answers with is_new_completion", sum(reward["is_new_completion"] for reward in rewards), 1
    )
    for reward in rewards:
        expect_equal("One of the answers", _without_volatile(reward), _without_volatile(rewards[0]))
    after = before + earned(rewards[0]), completions + 1
    expect_equal("The total and completions afterwards", kit.standing(), after)


@check("Another result with an event id that was used is refused, and pays nothing.")
def event_id_reused(kit: Kit) -> None:
    completion = kit.completion()
    kit.reward(completion)
    standing = kit.standing()
    expect(kit.complete({**completion, "score": completion["score"] - 1}), 409, "event_id_reused")
    expect_equal("The total and completions after the refusal", kit.standing(), standing)


@check("The same result with another event id is another completion.")
def another_event_id(kit: Kit) -> None:
    completion = kit.completion()
    kit.reward(completion)
    other = kit.reward({**completion, "client_event_id": str(uuid.uuid4())})
    expect_equal("is_new_completion of the second completion", other["is_new_completion"], True)


@check("An Idempotency-Key replays the first answer byte for byte, with the header Idempotent-Replayed.")
def idempotency_key(kit: Kit) -> None:
    completion, header = kit.completion(), {"Idempotency_Key": str(uuid.uuid4())}
    first = kit.complete(completion, **header)
    expect(first, 200)
    standing = kit.standing()
    again = kit.complete(completion, **header)
    expect_equal("The body of the replay", again.body, first.body)
    expect_equal("The header Idempotent-Replayed", again.headers.get("Idempotent-Replayed"), "true")
    expect_equal("The total and completions after the replay", kit.standing(), standing)


@check("An Idempotency-Key that was used for another body is refused.")
def idempotency_key_reused(kit: Kit) -> None:
    header = {"Idempotency_Key": str(uuid.uuid4())}
    expect(kit.complete(kit.completion(), **header), 200)
    expect(kit.complete(kit.completion(), **header), 422, "idempotency_key_reused")


@check("A session that is ended twice is paid once; with another score it is refused.")
def session(kit: Kit) -> None:
    header = {"Idempotency_Key": str(uuid.uuid4())}
    started = [expect(kit.api.post("sessions/start", {"level_id": kit.level}, **header), 200) for _ in range(2)]
    expect_equal("The session of the repeated start", started[1]["session_id"], started[0]["session_id"])
    end = {"session_id": started[0]["session_id"], "score": kit.max_score}
    before = kit.total()
    first = expect(kit.api.post("sessions/end", end), 200)  # held where the level takes longer: then it earns nothing
    again = expect(kit.api.post("sessions/end", end), 200)
    expect_equal("The second end", _without_volatile(again), _without_volatile(first))
    expect_equal("is_new_completion of the second end", again["is_new_completion"], False)
    expect_equal("The total after the second end", kit.total(), before + earned(first))
    expect(kit.api.post("sessions/end", {**end, "score": kit.max_score - 1}), 409, "session_already_ended")


@check("Completions may be sent in another order than they happened: both are paid.")
def any_order(kit: Kit) -> None:
    now = datetime.now(UTC)
    for hours in (1, 30):
        reward = kit.reward(kit.completion(occurred_at=_timestamp(now - timedelta(hours=hours))))
        expect_equal(f"is_new_completion of a completion {hours} hours ago", reward["is_new_completion"], True)


@check("A clock that is too far off is refused, and pays nothing.")
def clock_far_off(kit: Kit) -> None:
    before = kit.standing()
    for off in (timedelta(days=-400), timedelta(hours=1)):
        expect(kit.complete(kit.completion(occurred_at=_timestamp(datetime.now(UTC) + off))), 400, "clock_out_of_range")
    expect_equal("The total and completions after the refusals", kit.standing(), before)


@check("A clock a little ahead, and any UTC offset, are accepted.")
def clock_a_little_off(kit: Kit) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=2)
    kit.reward(kit.completion(occurred_at=_timestamp(ahead)))
    kit.reward(kit.completion(occurred_at=_timestamp(ahead.astimezone(timezone(timedelta(hours=7))))))


@check("A retry with a corrected occurred_at is still the same completion.")
def clock_corrected(kit: Kit) -> None:
    now = datetime.now(UTC)
    completion = kit.completion(occurred_at=_timestamp(now - timedelta(hours=2)))
    kit.reward(completion)
    again = kit.reward({**completion, "occurred_at": _timestamp(now - timedelta(hours=1))})
    expect_equal("is_new_completion of the retry", again["is_new_completion"], False)


@check("In a batch each event has its own result, in the order sent, and an invalid one fails alone.")
def batch(kit: Kit) -> None:
    (before, completions), events = kit.standing(), _batch(kit)
    results = kit.sync(events)
    expect_equal("The statuses", _statuses(results), ["created", "replayed", "rejected", "rejected", "created"])
    ids = [event["client_event_id"] for event in events]
    expect_equal("The order of the results", [result["client_event_id"] for result in results], ids)
    after = before + earned(results[0]) + earned(results[4]), completions + 2
    expect_equal("The total and completions afterwards", kit.standing(), after)


@check("A repeated batch changes nothing.")
def batch_repeated(kit: Kit) -> None:
    events = _batch(kit)
    first = kit.sync(events)
    standing = kit.standing()
    again = kit.sync(events)
    expect_equal(
        "The statuses of the replay", _statuses(again), ["replayed", "replayed", "rejected", "rejected", "replayed"]
    )
    expect_equal("The XP of the replay", [earned(result) for result in again], [earned(result) for result in first])
    expect_equal("The total and completions after the replay", kit.standing(), standing)


@check("A completion sent alone and in a batch is one completion, whichever comes first.")
def single_and_batch(kit: Kit) -> None:
    alone, batched = kit.completion(), kit.completion()
    kit.reward(alone)
    expect_equal("The statuses", _statuses(kit.sync([_event(alone), _event(batched)])), ["replayed", "created"])
    expect_equal("is_new_completion after the batch", kit.reward(batched)["is_new_completion"], False)
    reused = kit.sync([_event({**alone, "score": alone["score"] - 1})])
    expect_equal("The status of another result with its event id", _statuses(reused), ["rejected"])


@check("A refusal is a problem (RFC 9457) with a code for programs and a sentence for people.")
def problems(kit: Kit) -> None:
    for body in (b"{", b'{"level_id": 1}', b'{"nonsense": true}'):
        answer = kit.api.post("levels/complete", body)
        expect(answer, 400)
        expect_equal("The media type", answer.headers.get_content_type(), "application/problem+json")
        missing = {"status", "code", "detail", "request_id"} - set(answer.json)
        if missing:
            raise CheckError(f"The problem lacks {', '.join(sorted(missing))}.")


@check("The ledger adds up: each balance is the one before plus the change, and the last is the total.")
def ledger(kit: Kit) -> None:
    entries = expect(kit.api.get(f"xp/history?limit={PAGE}"), 200)["results"]
    for entry, before in pairwise(entries):
        expect_equal(f"Entry {entry['sequence']}", entry["balance_after"], before["balance_after"] + entry["delta"])
    expect_equal("The total", kit.total(), entries[0]["balance_after"])


def _without_volatile(reward: dict) -> dict:
    return {name: value for name, value in reward.items() if name not in VOLATILE}


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _event(completion: dict) -> dict:
    return {"type": "level_completion", **completion}


def _batch(kit: Kit) -> list[dict]:
    """A new event, the same again, one with an unknown level, one from long ago, and another new one."""
    first, unknown = kit.completion(), kit.completion(level_id="no-such-level")
    ancient = kit.completion(occurred_at=_timestamp(datetime.now(UTC) - timedelta(days=400)))
    return [_event(completion) for completion in (first, first, unknown, ancient, kit.completion())]


def _statuses(results: list[dict]) -> list[str]:
    return [result["status"] for result in results]
