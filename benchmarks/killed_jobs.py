"""Jobs of the product in processes that are killed while they work, and started again.

A benchmark has a module of data beside it, whose functions run inside of the product, in processes of their own.
"""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from typing import Any

import psycopg

from benchmarks import product

UNFINISHED = "SELECT cursor, done, total FROM jobs_job WHERE state IN ('waiting', 'running')"


class Installation:
    """`data` is the name of the module of data, in which `work()` runs all jobs that wait and prints how that went."""

    def __init__(self, database_url: str, data: str, *, seed: int, **variables: str) -> None:
        self.url, self.data, self.rng = database_url, data, random.Random(seed)
        self.variables = product.environment(database_url) | {"JOBS_IN_PROCESS": "0", **variables}

    def call(self, code: str) -> Any:
        """What the function of the module prints as JSON."""
        return self.measured(code)[0]

    def work(self, kills: int) -> dict[str, Any]:
        """Run the jobs in a process that is killed so often while they are unfinished; how the last one went."""
        killed = sum(self._work_and_kill((number + 1) / (kills + 1)) for number in range(kills))
        went, mib = self.measured("work()")
        return {"kills": killed, **went, "memory_mib": mib}

    def measured(self, code: str) -> tuple[Any, int]:
        """The same, and the most memory that its process had, in MiB."""
        with subprocess.Popen(
            self._command(code), cwd=product.ROOT, env=self.variables, stdout=subprocess.PIPE, text=True
        ) as process:
            output = process.stdout.read()
            _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{code} ended with {process.returncode}")
        return json.loads(output) if output else None, usage.ru_maxrss // 1024

    def _work_and_kill(self, share: float) -> bool:
        """At a random moment after this share of the work is done. Whether it was killed before the end."""
        before = self.progress()
        process = subprocess.Popen(
            self._command("work()"), cwd=product.ROOT, env=self.variables, stdout=subprocess.DEVNULL
        )
        while process.poll() is None and not _has_done(self.progress(), before, share):
            time.sleep(0.01)
        time.sleep(self.rng.uniform(0, 0.1))
        process.kill()
        process.wait()
        return bool(self.progress())

    def progress(self) -> list[Any]:
        """Cursor, done and total of the jobs that are not done, read without starting the product."""
        path = self.url.removeprefix("sqlite:///")
        database = psycopg.connect(self.url) if path == self.url else sqlite3.connect(path, timeout=20)
        with contextlib.closing(database):
            return database.execute(UNFINISHED).fetchall()

    def _command(self, code: str) -> list[str]:
        code = f"from benchmarks import {self.data} as data; data.{code}"
        return [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code]


def _has_done(progress: list[Any], before: list[Any], share: float) -> bool:
    """Whether the work has moved on, and each job as far as this share of what it has to do, if that is known."""
    return progress != before and all(done >= share * (total or 0) for _cursor, done, total in progress)


def run_jobs() -> dict[str, Any]:
    """Run portions until no job is left; how long that took, and the longest one."""
    from jobs.running import run_next_portion

    longest, portions, began = 0.0, 0, time.perf_counter()
    while True:
        before = time.perf_counter()
        if run_next_portion() is None:
            break
        longest, portions = max(longest, time.perf_counter() - before), portions + 1
    took = time.perf_counter() - began
    return {"longest_portion_s": round(longest, 2), "portions": portions, "seconds": round(took, 1)}
