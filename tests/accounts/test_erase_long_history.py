"""Somebody with a long history is gone at once for everybody else; a job scrubs the results, and may be killed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gamification.models import LearnerProfile
from jobs.models import Job
from jobs.running import run_next_portion
from skillquest.accounts import erasing_jobs
from skillquest.accounts.models import User
from tests.accounts.api_calls import call
from tests.accounts.personal_data import MARK, erase, found, make_person
from tests.factories import PASSWORD
from tracking.maintenance import erasing
from tracking.models import Completion, IdempotencyKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_person()


def add_completions(person, count, **fields):
    """Copies of the person's completion, an hour apart, each with an event id and a text of its own."""
    first = Completion.objects.filter(learner=person).order_by("pk")[0]
    copied = {field.attname: getattr(first, field.attname) for field in Completion._meta.concrete_fields}
    copies = []
    for number in range(count):
        own = {"id": None, "session_id": None, "client_event_id": uuid4(), "held": True, **fields}
        own["occurred_at"] = first.occurred_at - timedelta(hours=number)
        copies.append(Completion(**copied | own))
    Completion.objects.bulk_create(copies)


@pytest.fixture
def long_history(person, monkeypatch):
    """Eleven completions where four are a portion, and more than three are not scrubbed at once."""
    monkeypatch.setattr(erasing_jobs, "AT_ONCE", 3)
    monkeypatch.setattr(erasing, "PORTION", 4)
    monkeypatch.setattr(erasing, "KEYS", 2)
    add_completions(person, 10)
    keys = [IdempotencyKey(user=person, key=f"{MARK}{n}", fingerprint="f", created_at=timezone.now()) for n in range(3)]
    IdempotencyKey.objects.bulk_create(keys)
    return person


def scrub_job():
    return Job.objects.get(kind=erasing_jobs.KIND.name)


def run_all():
    portions = 0
    while run_next_portion():
        portions += 1
    return portions


def test_the_person_is_gone_before_the_job_runs(long_history, sign_in):
    person, name = long_history, long_history.username
    signed_in = sign_in(person)
    erase(person)
    assert scrub_job().state == Job.State.WAITING
    assert signed_in.get("/api/v1/auth/me").status_code == 401
    assert call("POST", "login", {"username": name, "password": PASSWORD}).status_code == 401
    profile = LearnerProfile.objects.get(pk=person.pk)
    assert (profile.listed, profile.erased_at is None) == (False, False)
    assert User.objects.get(pk=person.pk).username.startswith("erased-")
    assert set(found(MARK)) == {
        *("tracking_completion", "tracking_idempotencykey", "tracking_playquestion", "tracking_review")
    }


def test_the_job_scrubs_the_rest_in_portions(long_history):
    erase(long_history)
    assert run_all() > 3
    assert found(MARK) == {}
    assert not IdempotencyKey.objects.exists()
    assert not Completion.objects.exclude(client_event_id=None).exists()
    job = scrub_job()
    assert (job.state, job.done, job.total) == (Job.State.DONE, 11, 11)
    call_command("verify_ledger")
    call_command("rebuild_profiles", "--dry-run")


def test_a_portion_that_was_killed_is_repeated(long_history, monkeypatch):
    erase(long_history)
    run_next_portion()
    scrub = erasing._scrub

    def killed(completions):
        scrub(completions)
        raise KeyboardInterrupt

    monkeypatch.setattr(erasing, "_scrub", killed)
    with pytest.raises(KeyboardInterrupt):
        run_all()
    monkeypatch.setattr(erasing, "_scrub", scrub)
    run_all()
    assert found(MARK) == {}
    assert scrub_job().done == 11
    call_command("rebuild_profiles", "--dry-run")


def test_totals_are_those_of_all_portions_together(person, monkeypatch):
    """Seven completions that count, in portions of three, with the hours of UTC."""
    add_completions(person, 6, held=False)
    call_command("rebuild_profiles")
    monkeypatch.setattr(erasing_jobs, "AT_ONCE", 3)
    monkeypatch.setattr(erasing, "PORTION", 3)
    erase(person)
    run_all()
    assert LearnerProfile.objects.get(pk=person.pk).counters["study_seconds"] == 7 * 60
    call_command("rebuild_profiles", "--dry-run")


def test_a_short_history_is_scrubbed_at_once(person):
    erase(person)
    assert not Job.objects.filter(kind=erasing_jobs.KIND.name).exists()
    assert found(MARK) == {}


def statements_of_erasing(person, completions):
    add_completions(person, completions)
    with CaptureQueriesContext(connection) as statements:
        erase(person)
    return len(statements)


def test_as_many_statements_for_a_thousand_results_as_for_ten():
    few, many = (statements_of_erasing(make_person(name), count) for name, count in (("Ana", 10), ("Ben", 990)))
    in_parts = 3 if connection.vendor == "sqlite" else 0  # which takes a limited number of values a statement
    assert few <= many <= few + in_parts


def test_a_portion_takes_as_many_statements_with_a_thousand_results_as_with_ten(person, monkeypatch):
    monkeypatch.setattr(erasing_jobs, "AT_ONCE", 3)
    monkeypatch.setattr(erasing, "PORTION", 10)
    add_completions(person, 1_030)
    erase(person)
    counts = []
    run_next_portion()  # of another job about the person
    run_next_portion()  # deletes the kept answers too
    for size in (10, 1_000):
        monkeypatch.setattr(erasing, "PORTION", size)
        with CaptureQueriesContext(connection) as statements:
            run_next_portion()
        counts.append(len(statements))
    in_parts = 3 if connection.vendor == "sqlite" else 0
    assert counts[0] <= counts[1] <= counts[0] + in_parts
