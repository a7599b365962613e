"""A client with the key of a server, which acts for any number of learners."""

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from . import results
from .calls import LearnerCalls, in_path, outcomes_of
from .credentials import ServerKey
from .decoding import decode
from .events import Event, known
from .outbox import Outbox
from .outbox_file import OutboxFile
from .transport import Request, Transport

EVENTS_AT_MOST = 1_000


class ServerClient:
    """Learners are named by your own ids of them. `options` are those of `Transport`."""

    def __init__(self, url: str, key: str, **options: Any) -> None:
        self._credentials = ServerKey(key)
        self._transport = Transport(url, **options)
        # A key may be replaced; what waits in an outbox only belongs to its mode.
        self._owner = "test server" if key.startswith("sq_test_") else "server"

    def __repr__(self) -> str:
        return f"ServerClient({self._transport.url!r})"

    def learner(self, external_id: str) -> LearnerCalls:
        """`client.learner("player-1").complete("level-1", 90)`"""
        return LearnerCalls(self._transport, self._credentials, {"SkillQuest-Learner": quote(external_id, safe="")})

    def save_learner(
        self,
        external_id: str,
        *,
        display_name: str | None = None,
        email: str | None = None,
        time_zone: str | None = None,
        language: str | None = None,
    ) -> results.SavedLearner:
        """Create or change a learner; the same again changes nothing."""
        body = known(display_name=display_name, email=email, time_zone=time_zone, language=language)
        return decode(results.SavedLearner, self._send("PUT", f"learners/{in_path(external_id)}", body))

    def get_learner(self, external_id: str) -> results.LearnerStatus:
        return decode(results.LearnerStatus, self._send("GET", f"learners/{in_path(external_id)}"))

    def erase_learner(self, external_id: str) -> None:
        """At once and for good."""
        self._send("DELETE", f"learners/{in_path(external_id)}")

    def short_token(self, external_id: str, *, ttl: int | None = None) -> results.ShortToken:
        """For the game on the learner's device, for `ttl` seconds."""
        answer = self._send("POST", f"learners/{in_path(external_id)}/token", known(ttl=ttl))
        return decode(results.ShortToken, answer)

    def claim_link(self, external_id: str) -> results.ClaimLink:
        """With which the learner takes over the account. Give it to nobody else."""
        return decode(results.ClaimLink, self._send("POST", f"learners/{in_path(external_id)}/claim-link", {}))

    def events(self, events: Sequence[Event], *, create_learners: bool = False) -> list[results.Outcome]:
        """At most 1 000 events, each `.of(external_id)` a learner; the outcomes are in the order of the events."""
        offset = self._transport.clock.offset or 0.0
        return self._events([event.to_json(offset) for event in events], offset, create_learners)

    def outbox(self, path: str | os.PathLike[str], *, create_learners: bool = False) -> Outbox:
        return Outbox(
            OutboxFile(path),
            self._owner,
            send=lambda bodies, offset: self._events(bodies, offset, create_learners),
            at_most=EVENTS_AT_MOST,
            clock=self._transport.clock,
            learn_clock=self._transport.learn_clock,
        )

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> "ServerClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _events(self, bodies: Sequence[Mapping[str, Any]], offset: float, create: bool) -> list[results.Outcome]:
        """`offset`: by how many seconds the times in the events were corrected."""
        clock = self._transport.clock
        body = {"events": list(bodies), "create_learners": create}
        request = Request("POST", "events", body, sent_at=lambda: clock.now() + offset)
        return outcomes_of(self._transport.send(request, self._credentials), bodies)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._transport.send(Request(method, path, body), self._credentials)
