"""Results are stored on this device before they are sent, and stay until the server has answered for each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .clock import Clock
from .errors import Problem, ProblemError, SkillQuestError
from .events import Event
from .outbox_file import OutboxFile, Rejected, Stored
from .results import Outcome

Send = Callable[[Sequence[dict[str, Any]], float], list[Outcome]]

# Staff may open or publish a level again.
MAY_BE_OPENED = {"level_locked", "unknown_level"}
TRY_REFUSED_AFTER = 3600.0
KEEP_REFUSED_FOR = 30 * 86_400.0
# The batch cannot be read, or is too large: some event of it is to blame.
ABOUT_THE_BATCH = {400, 413, 422}


@dataclass
class Report:
    """What a drain has done. `error` is why it stopped early; what it has not sent is still waiting."""

    created: int = 0
    replayed: int = 0
    held: int = 0
    rejected: int = 0
    postponed: int = 0
    waiting: int = 0
    # Another process or thread was draining the file, so this one has sent nothing.
    busy: bool = False
    error: SkillQuestError | None = None


@dataclass
class _Batch:
    entries: list[Stored]
    done: list[Stored] = field(default_factory=list)
    postponed: list[Stored] = field(default_factory=list)
    rejected: list[tuple[Stored, dict[str, Any]]] = field(default_factory=list)


class Outbox:
    """Made by `outbox` of a client. `owner` keeps apart what different people or keys have put into one file."""

    def __init__(
        self,
        file: OutboxFile,
        owner: str,
        *,
        send: Send,
        at_most: int,
        clock: Clock,
        learn_clock: Callable[[], None],
    ) -> None:
        self.file, self.owner = file, owner
        self._send, self._at_most = send, at_most
        self._clock, self._learn_clock = clock, learn_clock

    def __repr__(self) -> str:
        return f"Outbox({str(self.file.path)!r}, {self.owner!r})"

    def put(self, *events: Event) -> None:
        """Returns when they are on the disk. An event without a time has happened now."""
        now = self._clock.now()
        self.file.put(self.owner, [with_time(event, now) for event in events], self._clock.offset)

    def waiting(self) -> int:
        return self.file.count(self.owner)

    def rejected(self) -> list[Rejected]:
        """What the server has refused for good. Look at it, then `discard` or `retry` each."""
        return self.file.rejected(self.owner)

    def retry(self, client_event_id: str) -> None:
        self.file.retry(self.owner, client_event_id)

    def discard(self, client_event_id: str) -> None:
        self.file.discard(self.owner, client_event_id)

    def drain(self, on_outcome: Callable[[Event, Outcome], None] | None = None) -> Report:
        """Send what is due, oldest first. One drain of a file works at a time, so results arrive in their order."""
        report = Report()
        with self.file.alone() as alone:
            report.busy = not alone
            if alone:
                self._drain(report, on_outcome or _ignore)
        report.waiting = self.waiting()
        return report

    def _drain(self, report: Report, on_outcome: Callable[[Event, Outcome], None]) -> None:
        try:
            while entries := self.file.due(self.owner, self._clock.now(), self._at_most):
                if self._clock.offset is None:
                    # Before the first answer it is unknown how wrong the clock is, and a wrong time is a wrong day.
                    self._learn_clock()
                self._send_batch(entries, report, on_outcome)
        except SkillQuestError as error:
            report.error = error

    def _send_batch(self, entries: list[Stored], report: Report, on_outcome: Callable[[Event, Outcome], None]) -> None:
        try:
            outcomes = self._outcomes_of(entries)
        except ProblemError as error:
            if not is_about_the_batch(error.problem):
                raise
            if len(entries) > 1:  # halve it until the event that is to blame is alone
                middle = len(entries) // 2
                self._send_batch(entries[:middle], report, on_outcome)
                self._send_batch(entries[middle:], report, on_outcome)
                return
            outcomes = [Outcome(entries[0].event.client_event_id, "rejected", problem=error.problem)]
        self._settle(entries, outcomes, report)
        for entry, outcome in zip(entries, outcomes, strict=True):
            on_outcome(entry.event, outcome)

    def _outcomes_of(self, entries: list[Stored]) -> list[Outcome]:
        now = self._clock.offset or 0.0
        bodies = [entry.event.to_json(now if entry.clock_offset is None else entry.clock_offset) for entry in entries]
        return self._send(bodies, now)

    def _settle(self, entries: list[Stored], outcomes: list[Outcome], report: Report) -> None:
        batch, now = _Batch(entries), self._clock.now()
        for entry, outcome in zip(entries, outcomes, strict=True):
            self._sort(entry, outcome, batch, report, now)
        self.file.settle(batch.done, batch.postponed, batch.rejected, not_before=now + TRY_REFUSED_AFTER)

    def _sort(self, entry: Stored, outcome: Outcome, batch: _Batch, report: Report, now: float) -> None:
        if outcome.problem is None:
            batch.done.append(entry)
            name = outcome.status if outcome.status in {"replayed", "held"} else "created"
            setattr(report, name, getattr(report, name) + 1)
        elif may_be_accepted_later(entry.event, outcome.problem, now):
            batch.postponed.append(entry)
            report.postponed += 1
        else:
            batch.rejected.append((entry, dict(outcome.problem.members)))
            report.rejected += 1


def with_time(event: Event, now: float) -> Event:
    """Events that end a session on the server have no time: they carry how long the session took."""
    if event.moments or "session_id" in event.fields:
        return event
    return replace(event, moments={"occurred_at": now})


def is_about_the_batch(problem: Problem) -> bool:
    """And not about its sender: a batch of somebody else waits until that person has signed in again."""
    return problem.status in ABOUT_THE_BATCH and "user_id" not in problem.errors


def may_be_accepted_later(event: Event, problem: Problem, now: float) -> bool:
    age = now - min(event.moments.values(), default=now)
    return problem.code in MAY_BE_OPENED and age < KEEP_REFUSED_FOR


def _ignore(_event: Event, _outcome: Outcome) -> None:
    pass
