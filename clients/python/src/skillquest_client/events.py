"""Events of a batch: each has its id from the beginning, so that it is paid once however often it is sent."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .clock import as_text, seconds_of

Metadata = Mapping[str, Any]


@dataclass(frozen=True)
class Event:
    """`moments` are times of this device's clock in seconds since 1970, by the names of their fields."""

    type: str
    fields: Mapping[str, Any]
    moments: Mapping[str, float] = field(default_factory=dict)
    learner: Mapping[str, Any] | None = None
    client_event_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        """Raises ValueError for an id that is no UUID."""
        object.__setattr__(self, "client_event_id", str(uuid.UUID(self.client_event_id)))

    @classmethod
    def completion(
        cls,
        level_id: str | int,
        score: int,
        *,
        time_spent: int | None = None,
        metadata: Metadata | None = None,
        occurred_at: datetime | None = None,
    ) -> "Event":
        fields = known(level_id=level_id, score=score, time_spent=time_spent, metadata=metadata)
        return cls("level_completion", fields, moments_of(occurred_at=occurred_at))

    @classmethod
    def session(
        cls,
        level_id: str | int,
        *,
        start_time: datetime,
        time_spent: int,
        score: int | None = None,
        metadata: Metadata | None = None,
    ) -> "Event":
        """A session that took place without a connection."""
        fields = known(level_id=level_id, time_spent=time_spent, score=score, metadata=metadata)
        return cls("session", fields, moments_of(start_time=start_time))

    @classmethod
    def end_of_session(
        cls, session_id: int, *, time_spent: int, score: int | None = None, metadata: Metadata | None = None
    ) -> "Event":
        """The end of a session that `start_session` began, `time_spent` seconds after its start."""
        return cls("session", known(session_id=session_id, time_spent=time_spent, score=score, metadata=metadata))

    @classmethod
    def check_in(cls, *, occurred_at: datetime | None = None) -> "Event":
        return cls("check_in", {}, moments_of(occurred_at=occurred_at))

    @classmethod
    def metric(cls, metric_id: str, value: int, *, occurred_at: datetime | None = None) -> "Event":
        """For batches of a server."""
        return cls("metric", {"metric_id": metric_id, "value": value}, moments_of(occurred_at=occurred_at))

    def of(self, external_id: str, *, time_zone: str | None = None, display_name: str | None = None) -> "Event":
        """For batches of a server: the learner; the other values are those of an account that is made for it."""
        return replace(self, learner=known(external_id=external_id, time_zone=time_zone, display_name=display_name))

    def to_json(self, clock_offset: float = 0) -> dict[str, Any]:
        """With its times on the clock that is `clock_offset` seconds ahead of this device's."""
        moments = {name: as_text(at + clock_offset) for name, at in self.moments.items()}
        whose = {"learner": dict(self.learner)} if self.learner else {}
        return {"type": self.type, "client_event_id": self.client_event_id, **whose, **self.fields, **moments}


def known(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def moments_of(**moments: datetime | None) -> dict[str, float]:
    return {name: seconds_of(at) for name, at in moments.items() if at is not None}
