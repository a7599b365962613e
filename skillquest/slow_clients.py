"""A worker of gunicorn that drops clients who send a request, or read its answer, too slowly.

gunicorn's own timeout is that of the process: a thread would wait for a slow client as long as the client likes.
"""

import errno
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

GRACE = 10  # seconds in which a request may begin slowly
SLOWEST = 2 * 1024  # bytes a second, after that
LONGEST = 60  # seconds for a whole request, and for each part of an answer


class SlowClientError(TimeoutError):
    """With the number of a lost connection, which gunicorn does not log as an error."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "The client is too slow.")


class TimedSocket:
    """A socket whose client has to send a whole request in time. Everything else is done by the real one."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.request: Any = None
        self.start()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def start(self) -> None:
        """A new request begins."""
        self.request, self._began, self._received = None, time.monotonic(), 0

    def setblocking(self, flag: bool) -> None:
        self._sock.settimeout(LONGEST if flag else 0)

    def recv(self, size: int) -> bytes:
        left = self._began + min(LONGEST, GRACE + self._received / SLOWEST) - time.monotonic()
        if left <= 0:
            self._give_up()
        self._sock.settimeout(left)
        try:
            data: bytes = self._sock.recv(size)
        except TimeoutError:
            self._give_up()
        finally:
            self._sock.settimeout(LONGEST)
        self._received += len(data)
        return data

    def _give_up(self) -> None:
        if self.request is not None:
            self.request.force_close()  # the answer says so
        raise SlowClientError


class Worker(ThreadWorker):
    def handle(self, conn: Any) -> Any:
        if not isinstance(conn.sock, TimedSocket):
            conn.sock = TimedSocket(conn.sock)
        conn.sock.start()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.request = req
        return super().handle_request(req, conn)
