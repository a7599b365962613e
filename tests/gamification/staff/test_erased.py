"""Nothing that staff do is recorded for a learner who has been erased."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse as url_of
from django.utils import timezone

from approvals.errors import AlreadyDecided
from approvals.models import ApprovalRequest
from approvals.services import approve, decline
from gamification.awards.adjustments import reverse
from gamification.errors import LearnerErased
from gamification.models import ActivityDay, BadgeAward, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.amnesties import grant_amnesty
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge, revoke_achievement, revoke_badge
from gamification.staff.backfill import backfill
from gamification.staff.erasing import erase_learner
from tests.factories import StaffFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory

pytestmark = pytest.mark.django_db

NOTE = "Maria Example moved here."


@pytest.fixture
def erased_learner(learner):
    """Had XP, an achievement, a badge, a streak and a waiting request."""
    staff, at = StaffFactory(), timezone.now()
    adjust(learner_id=learner.pk, amount=100, reason="A gift", actor=staff, at=at)
    UnlockFactory(learner=learner)
    award_badge(learner_id=learner.pk, badge=BadgeFactory(), actor=staff, at=at)
    request_adjustment(
        learner_id=learner.pk, amount=2_000, reason="More", note=NOTE, reference_id="a", actor=staff, at=at
    )
    LearnerProfile.objects.filter(pk=learner.pk).update(streak_run=1, streak_expires_at=at + timedelta(days=2))
    erase_learner(learner.pk, at=at)
    return learner


def state_of(learner):
    return [
        list(model.objects.filter(learner=learner).order_by("pk").values())
        for model in [LedgerEntry, ApprovalRequest, Unlock, BadgeAward, ActivityDay]
    ]


def actions(learner):
    about = {"learner_id": learner.pk, "actor": StaffFactory(), "at": timezone.now()}
    text = {"reason": "Moved", "note": NOTE}
    return {
        "adjust": lambda: adjust(amount=1, **about, **text),
        "ask": lambda: request_adjustment(amount=2_000, reference_id="b", **about, **text),
        "award a badge": lambda: award_badge(badge=BadgeFactory(), **about, note=NOTE),
        "revoke a badge": lambda: revoke_badge(badge=BadgeAward.objects.get().badge, **about, note=NOTE),
        "revoke": lambda: revoke_achievement(achievement=Unlock.objects.get().achievement, **about, **text),
        "reverse": lambda: reverse(LedgerEntry.objects.get(), actor=about["actor"], at=about["at"], **text),
    }


@pytest.mark.parametrize("name", ["adjust", "ask", "award a badge", "revoke a badge", "revoke", "reverse"])
def test_every_action_about_an_erased_learner_is_refused(erased_learner, name):
    before = state_of(erased_learner)
    with pytest.raises(LearnerErased):
        actions(erased_learner)[name]()
    assert state_of(erased_learner) == before


def test_erasing_declines_a_waiting_request(erased_learner):
    request = ApprovalRequest.objects.get()
    for decide in [approve, decline]:
        with pytest.raises(AlreadyDecided):
            decide(request.pk, actor=StaffFactory(), at=timezone.now())
    assert (request.status, request.note) == ("declined", "[erased]")


def test_a_backfill_leaves_out_erased_learners(erased_learner):
    list(backfill(AchievementFactory(condition={"type": "xp", "threshold": 1}), quiet=True))
    assert Unlock.objects.count() == 1


def test_an_amnesty_writes_no_days_for_erased_learners(erased_learner, django_capture_on_commit_callbacks):
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        grant_amnesty(starts_at=now, ends_at=now + timedelta(hours=1), reason="Away", actor=StaffFactory(), at=now)
    assert not ActivityDay.objects.filter(learner=erased_learner).exists()


@pytest.mark.parametrize("amount", [10, 2_000])
def test_the_adjustment_page_refuses_an_erased_learner_and_writes_nothing(erased_learner, admin_client, amount):
    form = {"amount": amount, "reason": "Moved", "note": NOTE, "reference_id": "c", "_apply": amount}
    address = url_of("admin:gamification_learnerprofile_adjust", args=[erased_learner.pk])
    before = state_of(erased_learner)
    page = admin_client.post(address, form).content.decode()
    assert "This learner was erased; nothing is recorded for them any more." in page
    assert state_of(erased_learner) == before
    assert not LogEntry.objects.exists()


def test_the_badge_page_shows_that_the_learner_was_erased(erased_learner, admin_client):
    address = url_of("admin:gamification_badge_by_hand", args=[BadgeFactory().pk])
    form = {"learner": erased_learner.username, "action": "award", "note": NOTE}
    page = admin_client.post(address, form, follow=True).content.decode()
    assert "This learner was erased; nothing is recorded for them any more." in page
    assert not LogEntry.objects.exists()
