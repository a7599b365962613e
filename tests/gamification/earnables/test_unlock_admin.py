"""Unlocks in the admin: shown, and revoked with a reason."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from gamification.awards.activity import check_achievements
from gamification.models import LearnerProfile, Unlock
from tests.factories import StaffFactory

from .factories import AchievementFactory, metric

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)


def url(page, *args):
    return reverse(f"admin:gamification_{page}", args=args)


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_an_unlock_that_paid_is_revoked_by_reversing_its_entry(client, learner):
    client.force_login(StaffFactory())
    AchievementFactory(xp_reward=50, condition=metric("words_learned", 1))
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"words_learned": 1})
    (entry,) = check_achievements(learner.pk, at=timezone.now()).entries
    answer = client.get(url("unlock_revoke", Unlock.objects.get().pk))
    assert answer.headers["Location"] == url("ledgerentry_reverse", entry.pk)


def test_an_unlock_that_paid_nothing_is_revoked_with_reason_and_note(client, learner):
    staff = StaffFactory()
    client.force_login(staff)
    AchievementFactory(name="Honour", condition=metric("words_learned", 1))
    LearnerProfile.objects.filter(pk=learner.pk).update(counters={"words_learned": 1})
    check_achievements(learner.pk, at=timezone.now())
    unlock = Unlock.objects.get()
    page = url("unlock_revoke", unlock.pk)
    assert "“Honour” paid" in text(client.get(page))
    assert "This field is required." in text(client.post(page, {"reason": "Mistake"}))
    client.post(page, {"reason": "Mistake", "note": "Ticket 12"})
    unlock.refresh_from_db()
    assert unlock.revoked_at == timezone.now()
    assert LearnerProfile.objects.get(pk=learner.pk).achievements_unlocked == 0
    assert LogEntry.objects.latest("pk").change_message == "Taken back. Reason: Mistake Note: Ticket 12"
    assert client.get(page).status_code == 404
