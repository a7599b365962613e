"""How far the result of a completion can be relied on: by who reported it, and how soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rest_framework.request import Request

from apidocs.server_keys import sent_by_key
from gamification.models import Trust

REPORTED_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class Reporter:
    """Who reports a result: the learner's own client, or a server with a key, named by the key's public prefix."""

    server_key: str = ""

    @property
    def is_server(self) -> bool:
        return bool(self.server_key)


LEARNER = Reporter()


def reporter_of(request: Request) -> Reporter:
    """A learner's client too where its token was issued by a server key: it is the client that reports."""
    return Reporter(request.auth.prefix) if sent_by_key(request) else LEARNER


def trust_of_report(occurred_at: datetime, at: datetime, reporter: Reporter = LEARNER) -> Trust:
    """Of a result that is reported at `at`."""
    if reporter.is_server:
        return Trust.VERIFIED
    return Trust.REPORTED if at - occurred_at <= REPORTED_WITHIN else Trust.OFFLINE
