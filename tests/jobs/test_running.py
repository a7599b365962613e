"""Portions of jobs: progress and effect are saved together, and whoever comes next continues."""

import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from jobs.models import Job
from jobs.running import run_next_portion, run_waiting_jobs
from jobs.services import cancel_job, continue_job

from .conftest import counted, state_of

pytestmark = pytest.mark.django_db


def run_all():
    run_waiting_jobs(pause=lambda _seconds: None)


def test_a_job_is_run_portion_by_portion_until_nothing_is_left(start):
    job = start(total=3)
    assert state_of(job) == ("waiting", 0, "")
    run_next_portion()
    assert (state_of(job), counted(job)) == (("running", 1, ""), [1])
    run_all()
    assert (state_of(job), counted(job)) == (("done", 3, ""), [1, 2, 3])
    assert Job.objects.get().cursor == {"counted": [1, 2, 3]}
    assert run_next_portion() is None


def test_its_times_are_those_of_its_portions(start, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    job = start(total=2)
    for minute in (1, 2):
        time_machine.move_to(f"2026-11-20T12:0{minute}:00Z", tick=False)
        run_next_portion()
    job.refresh_from_db()
    minutes = [moment.minute for moment in (job.created_at, job.started_at, job.heartbeat, job.finished_at)]
    assert minutes == [0, 1, 2, 2]


def test_jobs_take_turns(start):
    jobs = [start(total=2), start(total=2)]
    assert [run_next_portion().pk for _ in range(4)] == [jobs[0].pk, jobs[1].pk] * 2


def test_a_process_that_dies_in_a_portion_loses_and_doubles_nothing(start, interrupt):
    """SystemExit is no error of the job: like the end of a process, it leaves everything to the database."""
    job = start(total=3)
    interrupt(2, SystemExit())
    with pytest.raises(SystemExit):
        run_all()
    assert (state_of(job), counted(job)) == (("running", 1, ""), [1])
    run_all()
    assert (state_of(job), counted(job)) == (("done", 3, ""), [1, 2, 3])


def test_a_job_that_fails_takes_back_its_portion_and_can_be_continued(start, interrupt, caplog):
    job = start(total=3)
    interrupt(2, ValueError("No such number"))
    run_all()
    assert (state_of(job), counted(job)) == (("failed", 1, "ValueError: No such number"), [1])
    assert "failed" in caplog.text
    assert continue_job(job.pk)
    run_all()
    assert (state_of(job), counted(job)) == (("done", 3, ""), [1, 2, 3])


def test_a_job_that_met_a_lock_is_tried_again_after_a_pause(start, interrupt, caplog):
    job, other = start(total=2), start(total=1)
    interrupt(1, OperationalError("lock timeout"))
    pauses = []
    run_waiting_jobs(pause=pauses.append)
    assert (state_of(job), counted(job)) == (("done", 2, ""), [1, 2])
    assert state_of(other) == ("done", 1, "")
    assert [pause >= 5 for pause in pauses] == [True, False, False, False]
    assert "is tried again" in caplog.text


def test_the_command_ends_at_a_job_that_the_database_refuses(start, interrupt, capsys):
    job = start(total=2)
    interrupt(1, OperationalError("lock timeout"))
    call_command("run_jobs", once=True)
    assert state_of(job) == ("running", 0, "Tried again, because of the database: lock timeout")
    assert capsys.readouterr().err == f"Job {job.pk} (count): Tried again, because of the database: lock timeout\n"


def test_the_command_runs_every_job_and_ends(start, capsys):
    jobs = [start(total=1), start(total=3)]
    call_command("run_jobs", once=True)
    assert [state_of(job) for job in jobs] == [("done", 1, ""), ("done", 3, "")]
    assert capsys.readouterr().out.splitlines() == [f"Job {job.pk} (count): Done." for job in jobs]


def test_a_kind_that_the_code_no_longer_has_fails(start):
    job = start(kind="gone")
    run_all()
    assert state_of(job) == ("failed", 0, "There is no code for jobs of the kind “gone”.")


def test_a_cancelled_job_stops_keeps_what_it_did_and_can_be_continued(start):
    job = start(total=3)
    run_next_portion()
    assert cancel_job(job.pk, at=timezone.now())
    run_all()
    assert (state_of(job), counted(job)) == (("cancelled", 1, ""), [1])
    assert continue_job(job.pk)
    run_all()
    assert (state_of(job), counted(job)) == (("done", 3, ""), [1, 2, 3])


def test_what_has_ended_cannot_be_cancelled_and_what_runs_cannot_be_continued(start):
    job = start(total=1)
    assert not continue_job(job.pk)
    run_all()
    assert not cancel_job(job.pk, at=timezone.now())
    assert not continue_job(job.pk)
    assert state_of(job) == ("done", 1, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_a_job_that_another_process_runs_is_left_to_it(start):
    job, other = start(total=1), start(total=1)
    claimed, ends = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Job.objects.claimable().get(pk=job.pk)
            claimed.set()
            ends.wait(10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert claimed.wait(10)
    run_all()
    ends.set()
    holder.join()
    assert (state_of(job), state_of(other)) == (("waiting", 0, ""), ("done", 1, ""))
