"""Completions in the admin: looked at, and held ones released, which is logged."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from gamification.models import LedgerEntry
from tracking.models import Completion

pytestmark = pytest.mark.django_db

LIST = "admin:tracking_completion_changelist"


@pytest.fixture
def held(level, complete):
    level.metadata = {"min_seconds": 60}
    level.save()
    complete(score=850, time_spent=1)
    return Completion.objects.get(held=True)


def release(client, completion):
    return client.post(reverse(LIST), {"action": "release", "_selected_action": completion.pk}, follow=True)


def test_releasing_pays_and_is_logged_with_who_and_why(admin_client, admin_user, held):
    assert "1 completions released." in release(admin_client, held).content.decode()
    assert LedgerEntry.objects.get().delta == 23
    log = LogEntry.objects.get()
    assert (log.user, log.object_id, log.get_change_message()) == (
        admin_user,
        str(held.pk),
        "Released: plausible, so it counts and pays.",
    )


def test_releasing_again_does_and_logs_nothing(admin_client, held):
    for _ in range(2):
        release(admin_client, held)
    assert (LedgerEntry.objects.count(), LogEntry.objects.count()) == (1, 1)
