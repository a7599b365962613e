"""A connection to Redis that tolerates outages: short timeouts, and a pause after each failure."""

import logging
import threading
import time

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT = 0.5  # seconds
BACK_OFF = 1  # seconds between two attempts, so that not every request waits for a timeout


class RedisUnavailable(Exception):  # noqa: N818 (a state, not a mistake)
    """Redis did not answer in time, or refused."""


class Connection:
    """One for the whole process; every thread may use it."""

    def __init__(self, url: str) -> None:
        self.client = Redis.from_url(
            url,
            protocol=2,
            decode_responses=True,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            # One immediate retry, for a connection that a restarted server has closed; a timeout is not retried.
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        self.lock = threading.Lock()
        self.is_unavailable = False
        self.try_again_at = 0.0

    def run(self, script: str, keys: list[str], values: list) -> object:
        """What the script returns. Raise RedisUnavailable."""
        return self.run_all(script, [(keys, values)])[0]

    def run_all(self, script: str, calls: list[tuple[list[str], list]]) -> list:
        """Run the script once for each (keys, values), all sent together. Raise RedisUnavailable."""
        if not self._may_try():
            raise RedisUnavailable
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
            self._back_off(error)
            raise RedisUnavailable from error
        self._recovered()
        return results

    def _may_try(self) -> bool:
        if not self.is_unavailable:
            return True
        with self.lock:
            due = time.monotonic() >= self.try_again_at
            if due:
                self.try_again_at = time.monotonic() + BACK_OFF  # one of many threads tries
            return due

    def _back_off(self, error: Exception) -> None:
        with self.lock:
            first, self.is_unavailable = not self.is_unavailable, True
            self.try_again_at = time.monotonic() + BACK_OFF
        if first:
            logger.error("Redis is unavailable (%s): the database answers for the leaderboards.", error)

    def _recovered(self) -> None:
        if self.is_unavailable:
            self.is_unavailable = False
            logger.warning("Redis is available again: leaderboards are repaired.")
