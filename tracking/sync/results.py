"""What the answer to a batch says of each event."""

from dataclasses import asdict
from typing import Any

from rest_framework.exceptions import APIException

from tracking.recording.answers import REWARD
from tracking.recording.metadata import ValueWarning

from .events import Status, Verdict

RECORDED = {Status.CREATED, Status.HELD}
REWARD_FIELDS = [*REWARD.fields, "held", "held_reason"]
PLAY_FIELDS = ["right", "asked", "skills_to_practise"]
NOT_HELD = {"held": False, "held_reason": None}
LONGEST_EVENT_ID = 100  # characters; more than any spelling of a UUID, and what is longer is not repeated


def result_of(event: dict, verdict: Verdict, warnings: tuple[ValueWarning, ...]) -> dict:
    if verdict.problem:
        return rejected(event, verdict.problem)
    result = {"client_event_id": event["client_event_id"], "status": verdict.status}
    answer = NOT_HELD | verdict.answer
    reward = {name: answer[name] for name in [*REWARD_FIELDS, *(name for name in PLAY_FIELDS if name in answer)]}
    return {**result, **reward, "warnings": [asdict(warning) for warning in warnings]}


def rejected(event: Any, problem: APIException) -> dict:
    """The renderer makes an answer of the problem."""
    event_id = event.get("client_event_id") if isinstance(event, dict) else None
    event_id = event_id if isinstance(event_id, str) and len(event_id) <= LONGEST_EVENT_ID else None
    return {"client_event_id": event_id, "status": Status.REJECTED, "problem": problem}
