"""How far the result of a completion can be relied on: by who reported it, and how soon."""

from datetime import datetime, timedelta

from gamification.models import Trust

REPORTED_WITHIN = timedelta(minutes=5)


def trust_of_report(occurred_at: datetime, at: datetime) -> Trust:
    """Of a result that the learner's own token or cookie reported at `at`."""
    return Trust.REPORTED if at - occurred_at <= REPORTED_WITHIN else Trust.OFFLINE
