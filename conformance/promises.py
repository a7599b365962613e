"""What a client may rely on, each promise tried with calls of our own."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from .kit import Kit, Promise, PromiseError, earned, expect, same

AT_ONCE = 10
PAGE = 50
FRESH = {"is_new_completion", "server_time"}  # what differs between a first answer and its replay

PROMISES: list[Promise] = []


def promise(words: str):
    def keep(check):
        PROMISES.append(Promise(words, check))
        return check

    return keep


@promise("A deed is paid once, and the answer names the new total.")
def deed(kit: Kit):
    before = kit.total()
    reward = kit.completed(kit.deed())
    same("is_new_completion", reward["is_new_completion"], True)
    same("The sum of xp_breakdown", sum(step["value"] for step in reward["xp_breakdown"]), reward["awarded_xp"])
    same("The total afterwards", kit.total(), before + earned(reward))
    same("new_total_xp", reward["new_total_xp"], before + earned(reward))


@promise("Whoever is not signed in is refused.")
def stranger(kit: Kit):
    token, kit.api.token = kit.api.token, ""
    try:
        expect(kit.complete(kit.deed()), 401)
    finally:
        kit.api.token = token


@promise("A retry under the same event id gets the first answer, and pays nothing.")
def retry(kit: Kit):
    deed = kit.deed()
    first = kit.completed(deed)
    total = kit.total()
    again = kit.completed(deed)
    same("is_new_completion of the retry", again["is_new_completion"], False)
    same("The answer to the retry", _lasting(again), _lasting(first))
    same("The total after the retry", kit.total(), total)


@promise(f"One deed told {AT_ONCE} times at once is one deed.")
def at_once(kit: Kit):
    before, deed = kit.total(), kit.deed()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        rewards = list(threads.map(kit.completed, [deed] * AT_ONCE))
    same("The number of answers with is_new_completion", sum(reward["is_new_completion"] for reward in rewards), 1)
    for reward in rewards:
        same("One of the answers", _lasting(reward), _lasting(rewards[0]))
    same("The total afterwards", kit.total(), before + earned(rewards[0]))


@promise("Another result under an id that was used is refused, and pays nothing.")
def other_payload(kit: Kit):
    deed = kit.deed()
    kit.completed(deed)
    total = kit.total()
    expect(kit.complete({**deed, "score": deed["score"] - 1}), 409, "event_id_reused")
    same("The total after the refusal", kit.total(), total)


@promise("The same result under another id is another deed.")
def alike(kit: Kit):
    deed = kit.deed()
    kit.completed(deed)
    other = kit.completed({**deed, "client_event_id": str(uuid.uuid4())})
    same("is_new_completion of the second deed", other["is_new_completion"], True)


@promise("An Idempotency-Key replays the first answer byte for byte, and says so.")
def key(kit: Kit):
    deed, header = kit.deed(), {"Idempotency_Key": str(uuid.uuid4())}
    first = kit.complete(deed, **header)
    expect(first, 200)
    total = kit.total()
    again = kit.complete(deed, **header)
    same("The body of the replay", again.body, first.body)
    same("The header Idempotent-Replayed", again.headers.get("Idempotent-Replayed"), "true")
    same("The total after the replay", kit.total(), total)


@promise("An Idempotency-Key that was used for another body is refused.")
def key_of_another_body(kit: Kit):
    header = {"Idempotency_Key": str(uuid.uuid4())}
    expect(kit.complete(kit.deed(), **header), 200)
    expect(kit.complete(kit.deed(), **header), 422, "idempotency_key_reused")


@promise("A session that is ended twice is paid once; with another score it is refused.")
def session(kit: Kit):
    header = {"Idempotency_Key": str(uuid.uuid4())}
    started = [expect(kit.api.post("sessions/start", {"level_id": kit.level}, **header), 200) for _ in range(2)]
    same("The session of a start told twice", started[1]["session_id"], started[0]["session_id"])
    end = {"session_id": started[0]["session_id"], "score": kit.max_score}
    first = expect(kit.api.post("sessions/end", end), 200)
    again = expect(kit.api.post("sessions/end", end), 200)
    same("The second end", _lasting(again), _lasting(first))
    same("is_new_completion of the second end", again["is_new_completion"], False)
    expect(kit.api.post("sessions/end", {**end, "score": kit.max_score - 1}), 409, "session_already_ended")


@promise("What happened earlier may be told later: both deeds are paid.")
def reorder(kit: Kit):
    now = datetime.now(UTC)
    for hours in (1, 30):
        reward = kit.completed(kit.deed(occurred_at=_written(now - timedelta(hours=hours))))
        same(f"is_new_completion of a deed {hours} hours ago", reward["is_new_completion"], True)


@promise("A clock that is too far off is refused, and pays nothing.")
def clock_far_off(kit: Kit):
    before = kit.total()
    for off in (timedelta(days=-400), timedelta(hours=1)):
        expect(kit.complete(kit.deed(occurred_at=_written(datetime.now(UTC) + off))), 400, "clock_out_of_range")
    same("The total after the refusals", kit.total(), before)


@promise("A clock a little ahead, and any zone's notation, are taken.")
def clock_a_little_off(kit: Kit):
    ahead = datetime.now(UTC) + timedelta(minutes=2)
    kit.completed(kit.deed(occurred_at=_written(ahead)))
    kit.completed(kit.deed(occurred_at=_written(ahead.astimezone(timezone(timedelta(hours=7))))))


@promise("A retry whose clock was put right meanwhile is still the same deed.")
def clock_put_right(kit: Kit):
    now = datetime.now(UTC)
    deed = kit.deed(occurred_at=_written(now - timedelta(hours=2)))
    kit.completed(deed)
    again = kit.completed({**deed, "occurred_at": _written(now - timedelta(hours=1))})
    same("is_new_completion of the retry", again["is_new_completion"], False)


@promise("In a batch each event has its own verdict, in the order sent, and a bad one fails alone.")
def batch(kit: Kit):
    before, events = kit.total(), _batch(kit)
    results = kit.sync(events)
    same("The verdicts", _verdicts(results), ["created", "replayed", "rejected", "rejected", "created"])
    ids = [event["client_event_id"] for event in events]
    same("The order of the verdicts", [result["client_event_id"] for result in results], ids)
    same("The total afterwards", kit.total(), before + earned(results[0]) + earned(results[4]))


@promise("A batch that is sent again changes nothing.")
def batch_again(kit: Kit):
    events = _batch(kit)
    first = kit.sync(events)
    total = kit.total()
    again = kit.sync(events)
    same("The verdicts of the replay", _verdicts(again), ["replayed", "replayed", "rejected", "rejected", "replayed"])
    same("The XP of the replay", [earned(result) for result in again], [earned(result) for result in first])
    same("The total after the replay", kit.total(), total)


@promise("A deed told alone and told in a batch is one deed, whichever comes first.")
def both_doors(kit: Kit):
    alone, batched = kit.deed(), kit.deed()
    kit.completed(alone)
    same("The verdicts", _verdicts(kit.sync([_event(alone), _event(batched)])), ["replayed", "created"])
    same("is_new_completion after the batch", kit.completed(batched)["is_new_completion"], False)
    reused = kit.sync([_event({**alone, "score": alone["score"] - 1})])
    same("The verdict on another result under its id", _verdicts(reused), ["rejected"])


@promise("A refusal is a problem that says what is wrong in a machine's word and in a sentence.")
def problems(kit: Kit):
    for body in (b"{", b'{"level_id": 1}', b'{"nonsense": true}'):
        answer = kit.api.post("levels/complete", body)
        expect(answer, 400)
        same("The media type", answer.headers.get_content_type(), "application/problem+json")
        missing = {"status", "code", "detail", "request_id"} - set(answer.json)
        if missing:
            raise PromiseError(f"The problem lacks {', '.join(sorted(missing))}.")


@promise("The ledger adds up: each line stands on the one before, and the last one is the total.")
def ledger(kit: Kit):
    lines = expect(kit.api.get(f"xp/history?limit={PAGE}"), 200)["results"]
    for line, before in pairwise(lines):
        same(f"Line {line['sequence']}", line["balance_after"], before["balance_after"] + line["delta"])
    same("The total", kit.total(), lines[0]["balance_after"])


def _lasting(reward: dict) -> dict:
    return {name: value for name, value in reward.items() if name not in FRESH}


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _event(deed: dict) -> dict:
    return {"type": "level_completion", **deed}


def _batch(kit: Kit) -> list[dict]:
    """A new one, the same again, one of a level that is not there, one from long ago, and a new one."""
    first, unknown = kit.deed(), kit.deed(level_id="no-such-level")
    ancient = kit.deed(occurred_at=_written(datetime.now(UTC) - timedelta(days=400)))
    return [_event(deed) for deed in (first, first, unknown, ancient, kit.deed())]


def _verdicts(results: list[dict]) -> list[str]:
    return [result["status"] for result in results]
