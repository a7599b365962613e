"""The admin of jobs: who sees which, progress, cancelling and continuing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from jobs.running import run_next_portion
from jobs.services import cancel_job
from tests.factories import StaffFactory

from .conftest import state_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:jobs_job_changelist")


@pytest.fixture
def as_staff(client):
    def as_staff(*codenames):
        person = StaffFactory(is_superuser=False)
        person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(person)
        return client

    return as_staff


def page_of(job, act="change"):
    return reverse(f"admin:jobs_job_{act}", args=[job.pk])


def text(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_list_shows_every_job_with_few_statements(as_staff, start, number):
    for _ in range(number):
        start(total=4, learner_id=StaffFactory().pk)
    client = as_staff("view_job")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = text(client.get(LIST))
    assert page.count("Count to 4") == number
    assert page.count('<progress value="0" max="4"></progress> 0 of 4') == number
    assert len(queries) <= 12


def test_the_page_of_a_job_is_named_after_what_it_does_and_says_when_it_was_run(as_staff, start, time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)
    job, client = start(total=1), as_staff("view_job")
    assert "<h1>Count to 1</h1>" in (page := text(client.get(page_of(job))))
    assert "2026-11-20 12:00" in page


def test_where_more_was_done_than_expected_only_that_number_is_shown(as_staff, start):
    job = start(total=4)
    Job.objects.filter(pk=job.pk).update(done=1_005)
    page = text(as_staff("view_job").get(LIST))
    assert "1,005</td>" in page
    assert "of 4" not in page


def test_a_page_refreshes_itself_until_the_job_has_ended(as_staff, start):
    job, client = start(total=1), as_staff("award_xp")
    assert '<meta http-equiv="refresh" content="3">' in text(client.get(page_of(job)))
    run_next_portion()
    page = text(client.get(page_of(job)))
    assert "http-equiv" not in page
    assert "1 numbers counted." in page


def test_a_job_is_cancelled_and_continued_by_those_who_may_start_it(as_staff, start):
    job, client = start(total=2), as_staff("award_xp")
    assert "Cancel this job" in text(client.get(page_of(job)))
    assert client.post(page_of(job, "cancel")).status_code == 302
    assert state_of(job)[0] == "cancelled"
    assert "Continue" in text(client.get(page_of(job)))
    client.post(page_of(job, "continue"))
    assert state_of(job)[0] == "waiting"
    logged = LogEntry.objects.order_by("pk").values_list("object_id", "change_message")
    assert list(logged) == [(str(job.pk), "Cancelled."), (str(job.pk), "Continued.")]


def test_cancelling_twice_says_that_nothing_changed(as_staff, start):
    job, client = start(total=2), as_staff("award_xp")
    cancel_job(job.pk, at=timezone.now())
    page = text(client.post(page_of(job, "cancel"), follow=True))
    assert "Nothing changed: meanwhile the job is in another state." in page
    assert LogEntry.objects.count() == 0


def test_a_get_changes_nothing(as_staff, start):
    job, client = start(total=2), as_staff("award_xp")
    assert [client.get(page_of(job, act)).status_code for act in ("cancel", "continue")] == [405, 405]
    assert state_of(job)[0] == "waiting"


def test_whoever_may_only_view_jobs_cannot_cancel_them(as_staff, start):
    job, client = start(total=2), as_staff("view_job")
    assert "Cancel this job" not in text(client.get(page_of(job)))
    assert client.post(page_of(job, "cancel")).status_code == 403
    assert state_of(job)[0] == "waiting"


def test_others_see_only_the_jobs_that_they_may_start(as_staff, start):
    job, gone = start(total=2), start(kind="gone")
    client = as_staff("award_xp")
    assert ("Count to 2" in text(client.get(LIST)), ">gone<" in text(client.get(LIST))) == (True, False)
    assert client.get(page_of(gone)).status_code == 302
    assert client.post(page_of(gone, "cancel")).status_code == 404
    client = as_staff("view_level")
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(job)).status_code == 403
    assert client.post(page_of(job, "cancel")).status_code == 404


def test_a_job_that_failed_shows_its_error(as_staff, start, interrupt):
    job, client = start(total=2), as_staff("view_job")
    interrupt(1, ValueError("No such number"))
    run_next_portion()
    assert "ValueError: No such number" in text(client.get(page_of(job)))


def test_jobs_are_neither_added_nor_changed_nor_deleted_by_hand(as_staff, start):
    job, client = start(total=2), as_staff("view_job", "add_job", "change_job", "delete_job")
    assert client.get(reverse("admin:jobs_job_add")).status_code == 403
    assert client.post(page_of(job), {"done": 2}).status_code == 403
    assert client.post(page_of(job, "delete"), {"post": "yes"}).status_code == 403
    assert Job.objects.get().done == 0
