"""Completions in the admin: looked at, and held ones released or refused, which is logged."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from gamification.models import LedgerEntry
from gamification.staff.erasing import erase_learner
from jobs.models import Job
from tests.factories import UserFactory
from tracking.models import Completion
from tracking.recording.services import refuse_completion

pytestmark = pytest.mark.django_db

LIST = "admin:tracking_completion_changelist"


@pytest.fixture
def held(level, complete):
    level.metadata = {"min_seconds": 60}
    level.save()
    complete(score=850, time_spent=1)
    return Completion.objects.get(held=True)


NOTE = "Seen in class."
NOTHING = "None of these results waits for a decision of yours."


def release(client, completion):
    return decide(client, "release", completion)


def decide(client, action, completion):
    """Choose the action, write the note, and let the job run; the page after the first or the last step."""
    page = client.post(reverse(LIST), {"action": action, "_selected_action": completion.pk}, follow=True)
    if "decision" not in (page.context or {}):
        return page
    fields = {**page.context["form"].initial, "note": NOTE}
    client.post(reverse("admin:tracking_completion_held_decide"), fields)
    call_command("run_jobs", once=True)
    return client.get(reverse("admin:jobs_job_change", args=[Job.objects.latest("pk").pk]))


def listed(client, **filters):
    return [row.pk for row in client.get(reverse(LIST), filters).context["cl"].result_list]


def test_releasing_pays_and_is_logged_with_who_and_why(admin_client, admin_user, held):
    assert "1 result released." in release(admin_client, held).content.decode()
    assert LedgerEntry.objects.get().delta == 23
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.get_change_message()) == (
        admin_user,
        str(held.pk),
        f"Released (job {Job.objects.get().pk}). {NOTE}",
    )


def test_releasing_again_changes_and_logs_nothing(admin_client, held):
    for _ in range(2):
        release(admin_client, held)
    assert (LedgerEntry.objects.count(), LogEntry.objects.count()) == (1, 1)


def test_refusing_pays_nothing_is_logged_and_takes_it_off_the_list(admin_client, admin_user, held):
    assert listed(admin_client, held="waiting") == [held.pk]
    assert "1 result refused." in decide(admin_client, "refuse", held).content.decode()
    held.refresh_from_db()
    assert (held.held, held.refused, LedgerEntry.objects.count()) == (True, True, 0)
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.get_change_message()) == (
        admin_user,
        str(held.pk),
        f"Refused (job {Job.objects.get().pk}). {NOTE}",
    )
    assert (listed(admin_client, held="waiting"), listed(admin_client, held="refused")) == ([], [held.pk])


def test_refusing_again_changes_and_logs_nothing(admin_client, held):
    for _ in range(2):
        decide(admin_client, "refuse", held)
    assert LogEntry.objects.count() == 1


def test_a_refusal_can_be_taken_back(admin_client, held):
    decide(admin_client, "refuse", held)
    release(admin_client, held)
    held.refresh_from_db()
    assert (held.held, held.refused, LedgerEntry.objects.get().delta) == (False, False, 23)


def test_a_released_completion_cannot_be_refused(admin_client, held):
    release(admin_client, held)
    assert NOTHING in decide(admin_client, "refuse", held).content.decode()
    refuse_completion(held, at=timezone.now())
    held.refresh_from_db()
    assert (held.held, held.refused, LedgerEntry.objects.count()) == (False, False, 1)


def test_the_list_shows_why_each_completion_is_held(admin_client, held, complete):
    complete(score=10, time_spent=100)
    complete(score=20)
    page = admin_client.get(reverse(LIST)).content.decode()
    assert "Faster than anybody can be" in page
    assert "Without the time that it took" in page
    assert listed(admin_client, held="no") == [held.pk + 1]
    assert listed(admin_client) == [held.pk + 2, held.pk + 1, held.pk]


@pytest.mark.parametrize("action", ["release", "refuse"])
def test_nothing_is_decided_about_an_erased_learner(admin_client, held, action):
    erase_learner(held.learner_id, at=timezone.now())
    assert NOTHING in decide(admin_client, action, held).content.decode()
    held.refresh_from_db()
    assert (held.held, held.refused, LogEntry.objects.count()) == (True, False, 0)


@pytest.mark.parametrize("action", ["release", "refuse"])
def test_staff_cannot_decide_about_their_own_completions(client, held, learner, action):
    learner.is_staff = learner.is_superuser = True
    learner.save()
    client.force_login(learner)
    decide(client, action, held)
    held.refresh_from_db()
    assert (held.held, held.refused, LogEntry.objects.count()) == (True, False, 0)


@pytest.mark.parametrize("action", ["release", "refuse"])
def test_people_who_may_only_view_cannot_decide(client, held, action):
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="Analyst"))
    client.force_login(analyst)
    assert listed(client, held="waiting") == [held.pk]
    decide(client, action, held)
    held.refresh_from_db()
    assert (held.held, held.refused, LedgerEntry.objects.count()) == (True, False, 0)


def test_the_database_knows_that_what_counts_was_not_refused(held):
    with pytest.raises(IntegrityError), transaction.atomic():
        Completion.objects.update(held=False, refused=True)
