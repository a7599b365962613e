"""The thread of a web process that runs jobs. Of several processes each has one; the lock of a job's row decides."""

import logging
import threading

from django.conf import settings
from django.db import connections

from .running import run_waiting_jobs

logger = logging.getLogger(__name__)

INTERVAL = 5.0  # seconds between two looks for jobs that other processes started or left behind


class JobThread:
    """A daemon thread, so that it never keeps the process from stopping: the database takes back half a portion."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_wanted = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Start it in this process, unless it runs: a forked process inherits the object, but not the thread."""
        if self.thread is not None and self.thread.is_alive():
            return
        with self.lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self.thread.start()

    def wake(self) -> None:
        """Let it look for jobs now."""
        if settings.JOBS_IN_PROCESS:
            self.is_wanted.set()

    def _run(self) -> None:
        while True:
            self.is_wanted.clear()
            try:
                run_waiting_jobs()
            except Exception:
                logger.exception("Jobs could not be run.")
            finally:
                connections.close_all()
            self.is_wanted.wait(INTERVAL)


job_thread = JobThread()
