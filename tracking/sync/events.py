"""The events of a batch and their results."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db.models import Model
from rest_framework.exceptions import APIException

from gamification.awards import Award, AwardBatch, Reward, Timing, metrics_now
from levels.models import Level
from tracking.metrics.events import MetricClaim
from tracking.metrics.events import add_event as add_metric_event
from tracking.metrics.events import new_event as new_metric_event
from tracking.metrics.events import refusal as metric_refusal
from tracking.metrics.events import replay_same as replay_same_metric
from tracking.models import CheckIn, Completion, LearningSession, MetricEvent
from tracking.plays.offline import LateAnswer, LatePlay
from tracking.recording.admission import clock_refusal, rules_for
from tracking.recording.answers import plain_answer
from tracking.recording.clocks import shift_claim, shift_moment
from tracking.recording.completions import Claim
from tracking.recording.limits import timing_of
from tracking.recording.metadata import ValueWarning
from tracking.recording.trust import Reporter, trust_of_report


class Status(StrEnum):
    CREATED = "created"
    REPLAYED = "replayed"
    HELD = "held"
    REJECTED = "rejected"


@dataclass(frozen=True)
class SessionData:
    """A session that the server started (`session_id`), or one that took place offline. No score counts as 0."""

    session_id: int | None = None
    start_time: datetime | None = None
    score: int | None = None


@dataclass(frozen=True)
class Event:
    """`claim` has a `client_event_id`; its level is empty where the session knows it.

    `warnings` name the values besides the result that were cut or left out.
    """

    claim: Claim
    session_data: SessionData | None = None
    answers: tuple[LateAnswer, ...] | None = None  # of a play
    warnings: tuple[ValueWarning, ...] = ()

    def shifted(self, shift: timedelta) -> "Event":
        """With its times shifted; the server knows itself when a session that it started began."""
        data = self.session_data
        if data and data.start_time and data.session_id is None:
            data = replace(data, start_time=shift_moment(data.start_time, shift))
        answers = self.answers and tuple(
            replace(answer, answered_at=shift_moment(answer.answered_at, shift)) for answer in self.answers
        )
        return replace(self, claim=shift_claim(self.claim, shift), session_data=data, answers=answers)


@dataclass(frozen=True)
class Verdict:
    """`answer` as it is kept with the completion; `problem` of what was rejected."""

    status: Status
    answer: dict | None = None
    problem: APIException | None = None


@dataclass(frozen=True)
class CheckInEvent:
    """Activity without a result. Without `occurred_at` it happened just now."""

    client_event_id: UUID
    occurred_at: datetime | None = None
    warnings: tuple[ValueWarning, ...] = ()

    def shifted(self, shift: timedelta) -> "CheckInEvent":
        return replace(self, occurred_at=self.occurred_at and shift_moment(self.occurred_at, shift))


@dataclass(frozen=True)
class Report:
    """When, by whom and through which call the events of a batch were reported."""

    at: datetime
    reporter: Reporter
    source: str


class Item(ABC):
    """An event on its way through the batch. `first` is an earlier one with the same id or session."""

    def __init__(self, learner: Any, event_id: UUID) -> None:
        self.learner, self.event_id = learner, event_id
        self.is_paid = False
        self.first: Self | None = None
        self.verdict: Verdict | None = None

    @property
    def key(self) -> tuple[int, UUID]:
        """It is recorded once: the id of the learner, and the event's."""
        return self.learner.pk, self.event_id

    @property
    @abstractmethod
    def row(self) -> Any:
        """What is stored of it; None as long as nothing was made."""

    @property
    def is_saved(self) -> bool:
        return self.row is not None and self.row.pk is not None

    def reject(self, problem: APIException) -> None:
        self.verdict = Verdict(Status.REJECTED, problem=problem)


class ResultItem(Item):
    """An event that a completion comes of."""

    def __init__(self, learner: Any, event: Event) -> None:
        super().__init__(learner, event.claim.client_event_id)
        self.claim, self.session_data = event.claim, event.session_data
        self.answers = event.answers
        self.play: LatePlay | None = None  # where its answers are still to be judged
        self.names_session = event.session_data is not None and event.session_data.session_id is not None
        # Its client does not know how long it took.
        self.ends_now = self.names_session and event.claim.time_spent is None and event.answers is None
        self.level: Level | None = None
        self.earlier: Level | None = None  # as it was when it was played
        self.session: LearningSession | None = None
        self.completion: Completion | None = None
        self.award: Award | None = None  # as planned
        self.earned: Reward | None = None

    @property
    def row(self) -> Completion | None:
        return self.completion

    @property
    def is_play(self) -> bool:
        return self.answers is not None

    @property
    def played_at(self) -> datetime | None:
        """When it was played, as far as that decides which rules the level had then; None for just now."""
        if self.session:
            return self.session.start_time
        return self.session_data.start_time if self.session_data else self.claim.occurred_at

    @property
    def rules(self) -> Level:
        """The level by whose play rules the score is judged."""
        return rules_for(self.level, self.earlier, self.claim.score)

    @property
    def timing(self) -> Timing | None:
        """How long it took; the server measures what ends now.

        None for a failed play: it pays nothing, so there is nothing to hold.
        """
        if self.play and not self.play.passed:
            return None
        return timing_of(self.completion, self.rules, measured=self.ends_now or self.is_play)


class RowItem(Item):
    """An event that needs no level: one row of its own is all that is stored of it."""

    model: ClassVar[type[Model]]
    decided: ClassVar[tuple[str, ...]]  # fields that paying it decides

    def __init__(self, learner: Any, event_id: UUID, occurred_at: datetime | None) -> None:
        super().__init__(learner, event_id)
        self.occurred_at = occurred_at
        self.stored: Any = None

    @property
    def row(self) -> Any:
        return self.stored

    @classmethod
    def judge(cls, report: Report) -> Callable[[Any], APIException | None]:
        """Why an item cannot be recorded, apart from what was recorded before."""
        return lambda item: clock_refusal(item.occurred_at or report.at, report.at)

    @abstractmethod
    def new_row(self, report: Report) -> Model:
        """Unsaved; with an empty `answer`."""

    @abstractmethod
    def add_to(self, batch: AwardBatch) -> None:
        """Pay what the row says, and give it its answer."""

    def answer_again(self, stored: Any) -> dict:
        """The stored answer. Raise EventIdReused where the id belongs to other content."""
        return stored.answer


class CheckInItem(RowItem):
    model, decided = CheckIn, ("answer",)

    def __init__(self, learner: Any, event: CheckInEvent) -> None:
        super().__init__(learner, event.client_event_id, event.occurred_at)

    def new_row(self, report: Report) -> CheckIn:
        occurred_at = self.occurred_at or report.at
        return CheckIn(
            learner=self.learner,
            client_event_id=self.event_id,
            trust=trust_of_report(occurred_at, report.at, report.reporter),
            server_key=report.reporter.server_key,
            occurred_at=occurred_at,
            created_at=report.at,
        )

    def add_to(self, batch: AwardBatch) -> None:
        self.stored.answer = plain_answer(batch.check_in(self.stored.occurred_at, trust=self.stored.trust))


class MetricItem(RowItem):
    model, decided = MetricEvent, MetricEvent.DECISION

    def __init__(self, learner: Any, event: MetricClaim) -> None:
        super().__init__(learner, event.client_event_id, event.occurred_at)
        self.claim = event

    @classmethod
    def judge(cls, report: Report) -> Callable[[Any], APIException | None]:
        metrics = metrics_now()
        return lambda item: metric_refusal(item.claim, metrics, reporter=report.reporter, at=report.at)

    def new_row(self, report: Report) -> MetricEvent:
        return new_metric_event(self.learner, self.claim, source=report.source, reporter=report.reporter, at=report.at)

    def add_to(self, batch: AwardBatch) -> None:
        add_metric_event(batch, self.stored)

    def answer_again(self, stored: Any) -> dict:
        return replay_same_metric(stored, self.claim)


AnyEvent = Event | CheckInEvent | MetricClaim
ITEMS: dict[type, Callable[..., Item]] = {Event: ResultItem, CheckInEvent: CheckInItem, MetricClaim: MetricItem}


def item_of(learner: Any, event: AnyEvent) -> Item:
    return ITEMS[type(event)](learner, event)
