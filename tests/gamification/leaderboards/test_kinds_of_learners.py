"""Guests and test learners stand on no leaderboard."""

import pytest
from django.utils import timezone

from gamification.leaderboards import refresh_listed
from gamification.leaderboards.score_updates import refresh_all_listed
from gamification.models import LearnerKind, LearnerProfile
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

OTHERS = [LearnerKind.GUEST, LearnerKind.TEST]


@pytest.mark.parametrize("kind", OTHERS)
def test_only_members_are_listed(kind):
    learner = UserFactory()
    LearnerProfile.objects.filter(pk=learner.pk).update(kind=kind)
    refresh_listed(learner.pk, at=timezone.now())
    assert list(LearnerProfile.objects.visible().filter(pk=learner.pk)) == []


@pytest.mark.parametrize("kind", OTHERS)
def test_a_guest_that_becomes_a_member_is_listed(kind):
    learner = UserFactory()
    LearnerProfile.objects.filter(pk=learner.pk).update(kind=kind, listed=False)
    LearnerProfile.objects.filter(pk=learner.pk).update(kind=LearnerKind.MEMBER)
    refresh_listed(learner.pk, at=timezone.now())
    assert LearnerProfile.objects.get(pk=learner.pk).listed


@pytest.mark.parametrize("kind", OTHERS)
def test_rebuilding_the_boards_removes_who_is_no_member(kind):
    learner = UserFactory()
    LearnerProfile.objects.filter(pk=learner.pk).update(kind=kind)
    assert refresh_all_listed(at=timezone.now()) == 1
    assert not LearnerProfile.objects.get(pk=learner.pk).listed
