"""Redis as a server that may be away or late: asked with a short patience, and left alone for a moment afterwards."""

import logging
import threading
import time

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds for an answer
BACK_OFF = 1  # seconds between two tries, so that not every request waits for a timeout


class Away(Exception):  # noqa: N818 (a state, not a mistake)
    """Redis did not do it: it is away, late, or refuses."""


class Connection:
    """One for the whole process; every thread may use it."""

    def __init__(self, url: str):
        self.client = Redis.from_url(
            url,
            protocol=2,
            decode_responses=True,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            # Once more and at once, for a connection that a restarted server has forgotten; a timeout is not repeated.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        self.lock = threading.Lock()
        self.is_away = False
        self.try_again_at = 0.0

    def run(self, script: str, keys: list[str], values: list) -> object:
        """What the script returns. Raise Away."""
        return self.run_all(script, [(keys, values)])[0]

    def run_all(self, script: str, calls: list[tuple[list[str], list]]) -> list:
        """The same script once for each (keys, values), all sent together. Raise Away."""
        if not self._may_try():
            raise Away
        registered = self.client.register_script(script)
        try:
            if len(calls) == 1:
                results = [registered(*calls[0])]
            else:
                pipeline = self.client.pipeline(transaction=False)
                for keys, values in calls:
                    registered(keys, values, client=pipeline)
                results = pipeline.execute()
        except (RedisError, OSError) as error:
            self._leave_alone(error)
            raise Away from error
        self._is_back()
        return results

    def _may_try(self) -> bool:
        if not self.is_away:
            return True
        with self.lock:
            due = time.monotonic() >= self.try_again_at
            if due:
                self.try_again_at = time.monotonic() + BACK_OFF  # one of many threads tries
            return due

    def _leave_alone(self, error: Exception) -> None:
        with self.lock:
            first, self.is_away = not self.is_away, True
            self.try_again_at = time.monotonic() + BACK_OFF
        if first:
            logger.error("Redis is away (%s): the database answers for the leaderboards.", error)

    def _is_back(self) -> None:
        if self.is_away:
            self.is_away = False
            logger.warning("Redis is back: leaderboards are put right.")
