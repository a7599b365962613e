"""Repairs that run as soon as possible, in a thread that ends when there is no more work."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import connections

logger = logging.getLogger(__name__)

PAUSE = 0.5  # seconds between two tries


class RepairThread:
    """Calls `work` after each `wake`, repeatedly until it returns True."""

    def __init__(self, work: Callable[[], bool]) -> None:
        self.work = work
        self.lock = threading.Lock()
        self.is_wanted = False
        self.thread: threading.Thread | None = None

    def wake(self) -> None:
        with self.lock:
            self.is_wanted = True
            # A forked process inherits the object, but not the running thread.
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="leaderboards", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        try:
            while self._take():
                if not self.work():
                    with self.lock:
                        self.is_wanted = True
                    time.sleep(PAUSE)
        except Exception:
            # The next missed write wakes it again.
            logger.exception("Leaderboards could not be repaired.")
            with self.lock:
                self.thread = None
        finally:
            connections.close_all()

    def _take(self) -> bool:
        with self.lock:
            wanted, self.is_wanted = self.is_wanted, False
            if not wanted:
                self.thread = None
            return wanted
