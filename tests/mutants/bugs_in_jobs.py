"""Jobs, held results and bulk reversals. See `seeded_bugs`."""

from .seeding import bug

RUNNING = "tests/jobs/test_running.py"
BULK = "tests/gamification/staff/test_bulk_reversals.py"

JOBS = [
    bug(
        "a job that failed keeps half a portion",
        "jobs/running.py",
        "        with transaction.atomic():\n            finished",
        "        if True:\n            finished",
        tests=[f"{RUNNING}::test_a_job_that_fails_takes_back_its_portion_and_can_be_continued"],
    ),
    bug(
        "the progress of a job is saved outside the transaction of its portion",
        "jobs/running.py",
        "            job.save(update_fields=PROGRESS)\n",
        "            transaction.on_commit(lambda: job.save(update_fields=PROGRESS))\n",
        tests=[RUNNING],
    ),
    bug(
        "a cancelled job goes on",
        "jobs/models.py",
        "return self.filter(state__in=Job.UNFINISHED)",
        "return self.exclude(state=Job.State.DONE)",
        tests=[RUNNING],
    ),
    bug(
        "a bulk reversal reverses again what somebody reversed meanwhile",
        "gamification/awards/bulk_reversals.py",
        "sequence__in=sequences, reversed_by=None)",
        "sequence__in=sequences)",
        tests=[BULK],
    ),
    bug(
        "a bulk reversal takes the newest first, whatever the balance",
        "gamification/staff/bulk_reversals.py",
        "key=lambda line: (line.delta > 0, -line.sequence)",
        "key=lambda line: -line.sequence",
        tests=[BULK],
    ),
    bug(
        "releases in parts are not summed",
        "tracking/staff/held_results.py",
        "is_above_limit(decision.most_xp + _released_by(actor, since=at - SUMMED_OVER))",
        "is_above_limit(decision.most_xp)",
        tests=["tests/tracking/staff/test_held_results.py"],
    ),
]
