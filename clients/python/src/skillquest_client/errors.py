"""What can go wrong. Every exception of this package is a SkillQuestError."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNKNOWN = "unknown"


class SkillQuestError(Exception):
    """`may_pass`: whether the same call may succeed later. `retry_after`: in seconds, where the server said so."""

    may_pass = False
    retry_after: float | None = None
    # Of the result that the call was to report: send it again with this id, and it is paid once.
    client_event_id: str | None = None


class NotReachedError(SkillQuestError):
    """No answer came from the API: no connection, no time left, or an answer of something in between."""

    may_pass = True

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class NotUnderstoodError(SkillQuestError):
    """The answer lacks what the API promises. The request may have had its effect."""


class OutboxError(SkillQuestError):
    """The queue on this device cannot be read or written."""


@dataclass(frozen=True)
class Problem:
    """The body of an error (RFC 9457). Decide by `code`; `detail` is for people."""

    status: int
    code: str
    detail: str
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    request_id: str | None = None
    # Everything that the server sent, with what only some problems have, such as `missing`.
    members: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, body: Mapping[str, Any], status: int | None = None) -> "Problem":
        return cls(
            status=_whole(body.get("status"), status or 0),
            code=str(body.get("code", UNKNOWN)),
            detail=str(body.get("detail") or body.get("title") or "The request was refused."),
            errors=_by_field(body.get("errors")),
            request_id=body.get("request_id"),
            members=dict(body),
        )


def _whole(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _by_field(errors: object) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in errors.items()} if isinstance(errors, Mapping) else {}


class ProblemError(SkillQuestError):
    """The API refused the request."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None) -> None:
        super().__init__(f"{problem.code} ({problem.status}): {problem.detail}")
        self.problem = problem
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        return self.problem.code

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def may_pass(self) -> bool:  # type: ignore[override]
        # In flight: our own earlier try is still being answered, so another one gets its answer.
        return self.status >= 500 or self.status in {408, 429} or self.code == "idempotency_key_in_flight"


class SignInNeededError(ProblemError):
    """The token does not work any more and cannot be renewed: the person has to sign in again."""
