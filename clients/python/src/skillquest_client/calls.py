"""What can be done for one learner: with the learner's own token, or with the key of a server."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from . import plays, results
from .clock import as_text, seconds_of
from .decoding import decode
from .errors import NotReachedError, NotUnderstoodError, Problem, SkillQuestError
from .events import Event, Metadata, known
from .transport import Credentials, Request, Transport

T = TypeVar("T")

SYNC_AT_MOST = 500  # events


class LearnerCalls:
    def __init__(
        self,
        transport: Transport,
        credentials: Credentials,
        headers: Mapping[str, str] | None = None,
        user_id: int | None = None,
    ) -> None:
        self._transport = transport
        self._credentials = credentials
        self._headers = dict(headers or {})
        self._user_id = user_id

    def complete(
        self,
        level_id: str | int,
        score: int,
        *,
        time_spent: int | None = None,
        difficulty: str | None = None,
        metadata: Metadata | None = None,
        occurred_at: datetime | None = None,
        client_event_id: str | None = None,
    ) -> results.Completion:
        """Report a finished level. An error has the `client_event_id`: call again with it, and it is paid once."""
        event_id = client_event_id or str(uuid.uuid4())
        body = known(
            level_id=level_id,
            score=score,
            time_spent=time_spent,
            difficulty=difficulty,
            metadata=metadata,
            occurred_at=occurred_at and as_text(seconds_of(occurred_at)),
            client_event_id=event_id,
        )
        request = self._request(
            "POST", "levels/complete", body, sent_at=self._transport.clock.now if occurred_at else None
        )
        return decode(results.Completion, self._reported(request, event_id))

    def start_session(self, level_id: str | int) -> results.Session:
        request = self._request("POST", "sessions/start", {"level_id": level_id}, key=str(uuid.uuid4()))
        return decode(results.Session, self._send(request))

    def end_session(
        self, session_id: int, score: int | None = None, *, metadata: Metadata | None = None
    ) -> results.EndedSession:
        """The server measures the time. Ending again gets the first answer."""
        body = known(session_id=session_id, score=score, metadata=metadata)
        return decode(results.EndedSession, self._send(self._request("POST", "sessions/end", body)))

    def start_play(self, level_id: str | int) -> plays.Play:
        """The play of the level that is open, with what was answered, or a new one."""
        return decode(plays.Play, self._send(self._request("POST", f"levels/{level_id}/play", {})))

    def take_hint(self, session_id: int, question_id: str) -> plays.Hint:
        request = self._request("POST", f"plays/{session_id}/hint", {"question_id": question_id})
        return decode(plays.Hint, self._send(request))

    def answer_question(self, session_id: int, question_id: str, answer: Any) -> plays.Verdict:
        """The first answer to a question counts; the same one again gets the same verdict."""
        body = {"question_id": question_id, "answer": answer}
        return decode(plays.Verdict, self._send(self._request("POST", f"plays/{session_id}/answer", body)))

    def finish_play(self, session_id: int) -> plays.FinishedPlay:
        """Finishing again gets the first answer."""
        return decode(plays.FinishedPlay, self._send(self._request("POST", f"plays/{session_id}/finish", {})))

    def start_attempt(self, challenge_id: str | int) -> results.Attempt:
        request = self._request("POST", "attempts", {"challenge_id": challenge_id}, key=str(uuid.uuid4()))
        return decode(results.Attempt, self._send(request))

    def submit_attempt(
        self, attempt_id: int, score: int, *, metadata: Metadata | None = None
    ) -> results.SubmittedAttempt:
        """Submitting again with the same score gets the first answer."""
        body = known(score=score, metadata=metadata)
        return decode(
            results.SubmittedAttempt, self._send(self._request("POST", f"attempts/{attempt_id}/submit", body))
        )

    def submit_training(
        self,
        level_id: str | int,
        *,
        correct_answers: int,
        total_questions: int,
        score: int,
        time_spent_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> results.TrainingResult:
        """An error has the key as its `client_event_id`: call again with it, and the result is paid once."""
        key = idempotency_key or str(uuid.uuid4())
        body = known(
            level_id=level_id,
            correct_answers=correct_answers,
            total_questions=total_questions,
            score=score,
            time_spent_seconds=time_spent_seconds,
        )
        request = self._request("POST", "training/progress/submit", body, key=key)
        return decode(results.TrainingResult, self._reported(request, key))

    def record_metric(
        self, metric_id: str, value: int, *, occurred_at: datetime | None = None, client_event_id: str | None = None
    ) -> results.MetricResult:
        """Add to a metric. An error has the `client_event_id`: call again with it, and it is added once."""
        event_id = client_event_id or str(uuid.uuid4())
        body = known(
            value=value, occurred_at=occurred_at and as_text(seconds_of(occurred_at)), client_event_id=event_id
        )
        sent_at = self._transport.clock.now if occurred_at else None
        request = self._request("POST", f"metrics/{in_path(metric_id)}/events", body, sent_at=sent_at)
        return decode(results.MetricResult, self._reported(request, event_id))

    def check_in(self) -> results.CheckIn:
        """Be active today without a result: keeps the streak, pays nothing."""
        return decode(results.CheckIn, self._send(self._request("POST", "gamification/streaks/update", {})))

    def totals(self) -> results.Totals:
        return decode(results.Totals, self._send(self._request("GET", "gamification/xp/level")))

    def history(self, *, page_size: int = 100) -> Iterator[results.LedgerEntry]:
        """The ledger, newest entry first; pages are read as they are needed."""
        return self._pages("xp/history", {"limit": page_size}, results.LedgerEntry)

    def levels(self, **filters: str | int) -> Iterator[results.Level]:
        """`levels(kind="training", category="first-aid")`."""
        return self._pages("levels", {"limit": 100, **filters}, results.Level)

    def sync(self, events: Sequence[Event]) -> list[results.Outcome]:
        """At most 500 events of the learner, each judged for itself; the outcomes are in the order of the events."""
        offset = self._transport.clock.offset or 0
        return self.sync_bodies([event.to_json(offset) for event in events], offset)

    def sync_bodies(self, events: Sequence[Mapping[str, Any]], clock_offset: float) -> list[results.Outcome]:
        """`clock_offset`: by how many seconds the times in the events were corrected."""
        clock = self._transport.clock
        request = self._request("POST", "sync", {"events": list(events)}, sent_at=lambda: clock.now() + clock_offset)
        return outcomes_of(self._send(request), events)

    def _request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Any,
    ) -> Request:
        headers = {**self._headers, **({"Idempotency-Key": key} if key else {})}
        # The server refuses the result of somebody else who has signed in meanwhile.
        whose = {"user_id": self._user_id} if self._user_id and body is not None else {}
        return Request(method, path, body if body is None else {**body, **whose}, headers=headers, **options)

    def _send(self, request: Request) -> Any:
        return self._transport.send(request, self._credentials)

    def _reported(self, request: Request, event_id: str) -> Any:
        try:
            return self._send(request)
        except SkillQuestError as error:
            error.client_event_id = event_id
            raise

    def _pages(self, path: str, query: Mapping[str, str | int], kind: type[T]) -> Iterator[T]:
        while True:
            page = self._send(Request("GET", path, query=query, headers=self._headers))
            yield from (decode(kind, each) for each in page["results"])
            if not page["next"]:
                return
            # Of the address only the query, so that the token goes to no other host.
            query = {name: values[-1] for name, values in parse_qs(urlsplit(page["next"]).query).items()}


def outcomes_of(answer: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> list[results.Outcome]:
    given = answer.get("results")
    if not isinstance(given, list) or len(given) != len(events):
        raise NotReachedError("The batch was not answered event by event.")
    outcomes = [outcome_of(each) for each in given]
    for outcome, event in zip(outcomes, events, strict=True):
        if outcome.client_event_id not in (None, event["client_event_id"]):
            raise NotUnderstoodError("The outcomes are not those of the events.")
    return outcomes


def outcome_of(body: Mapping[str, Any]) -> results.Outcome:
    status, event_id = str(body["status"]), body.get("client_event_id")
    if status == "rejected":
        return results.Outcome(event_id, status, problem=Problem.from_json(body["problem"]))
    warnings = [decode(results.EventWarning, each) for each in body.get("warnings", [])]
    return results.Outcome(event_id, status, reward=decode(results.Reward, body), warnings=warnings)


def in_path(text: str) -> str:
    return quote(text, safe="")
