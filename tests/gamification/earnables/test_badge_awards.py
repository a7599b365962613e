"""Awarding a badge by hand."""

import pytest
from django.utils import timezone

from gamification.errors import LearnerNotFound
from gamification.models import Badge, BadgeAward
from gamification.staff.awards import award_badge, revoke_badge
from tests.factories import StaffFactory

from .factories import BadgeFactory

pytestmark = pytest.mark.django_db


NOON = "2026-11-20T12:00:00Z"


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def award(learner, badge, **more):
    return award_badge(learner_id=learner.pk, badge=badge, actor=None, at=timezone.now(), **more)


def test_a_badge_is_awarded_once_and_again_after_it_was_revoked(learner, time_machine):
    badge, staff = BadgeFactory(), StaffFactory()
    first, is_new = award_badge(learner_id=learner.pk, badge=badge, actor=staff, at=timezone.now(), note="Helped.")
    assert is_new
    assert award(learner, badge) == (first, False)
    assert revoke_badge(learner_id=learner.pk, badge=badge, actor=staff, at=timezone.now(), note="A slip.")
    stored = BadgeAward.objects.get()
    assert (stored.revoked_at, stored.revoked_by, stored.note) == (timezone.now(), staff, "A slip.")
    time_machine.shift(60)
    again, is_new = award(learner, badge, metadata={"season": "2026"})
    assert (again.pk, is_new) == (first.pk, True)
    stored = BadgeAward.objects.get()
    assert (stored.awarded_at, stored.revoked_at, stored.revoked_by, stored.metadata, stored.note) == (
        timezone.now(),
        None,
        None,
        {"season": "2026"},
        "",
    )


def test_a_badge_cannot_be_awarded_to_an_unknown_learner():
    with pytest.raises(LearnerNotFound):
        award_badge(learner_id=999_999, badge=BadgeFactory(), actor=None, at=timezone.now())
    with pytest.raises(LearnerNotFound):
        revoke_badge(learner_id=999_999, badge=Badge.objects.get(), actor=None, at=timezone.now())
