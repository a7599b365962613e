import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from jobs.background import INTERVAL
from jobs.running import run_next_portion, run_waiting_jobs


class Command(BaseCommand):
    help = (
        "Run the waiting jobs, and those that another process left behind; go on until stopped. It can be killed at "
        "any moment and started several times."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end as soon as no job is left to run")

    def handle(self, *, once: bool, **options: Any) -> None:
        if once:
            self._run_all()
            return
        while True:
            run_waiting_jobs()
            connections.close_all()
            time.sleep(INTERVAL)

    def _run_all(self) -> None:
        """Without pauses; a job that the database refused to run stays for later."""
        while job := run_next_portion():
            if job.is_finished:
                self.stdout.write(f"Job {job.pk} ({job.kind}): {job.get_state_display()}.")
            elif job.error:
                self.stderr.write(f"Job {job.pk} ({job.kind}): {job.error}")
                return
