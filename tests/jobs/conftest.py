"""Kinds of jobs for tests, whose effect is a group for each number that they count."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from jobs.kinds import JobKind, register
from jobs.models import Job
from jobs.services import start_job
from tests.factories import StaffFactory


def count(job, at):
    """Count the next number; stop, once, at the number that `params` names, after the effect and before the end."""
    job.done += 1
    Group.objects.create(name=f"{job.pk}: {job.done}")
    job.cursor["counted"] = [*job.cursor.get("counted", []), job.done]
    if job.done in interruptions:
        raise interruptions.pop(job.done)
    return job.done == job.total


# Number -> what a portion raises when it has counted it; each happens once.
interruptions = {}

COUNTING = JobKind(
    name="count",
    run_portion=count,
    title=lambda job: f"Count to {job.total}",
    outcome=lambda job: f"{job.done} numbers counted.",
    permission="gamification.award_xp",
)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    monkeypatch.setattr("jobs.kinds._kinds", {})
    register(COUNTING)
    interruptions.clear()


@pytest.fixture
def interrupt():
    """`interrupt(2, error)`: the portion that counts 2 raises `error`, once."""
    return lambda number, error: interruptions.update({number: error})


@pytest.fixture
def start(db):
    def start(total=3, **more):
        fields = {"created_by": StaffFactory(), "at": timezone.now(), **more}
        return start_job(fields.pop("kind", "count"), params={}, total=total, **fields)

    return start


def counted(job):
    """The numbers whose effect was committed."""
    return sorted(int(name.partition(": ")[2]) for name in names() if name.startswith(f"{job.pk}: "))


def names():
    return Group.objects.values_list("name", flat=True)


def state_of(job):
    stored = Job.objects.get(pk=job.pk)
    return stored.state, stored.done, stored.error
