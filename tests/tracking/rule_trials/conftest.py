from datetime import timedelta

import pytest

from gamification.models import XPRuleSet
from tests.factories import StaffFactory, UserFactory

from .playing import NOW, levels


@pytest.fixture(autouse=True)
def _world(db, settings, time_machine):
    """Nobody plays as long as people do, and one person decides; other tests look at the second one."""
    settings.TRUST_LIMITS, settings.XP_APPROVAL_ABOVE = False, 1_000_000
    time_machine.move_to(NOW, tick=False)
    XPRuleSet.objects.update(published_at=NOW - timedelta(days=300))
    levels()


@pytest.fixture
def staff():
    return StaffFactory()


@pytest.fixture
def learner():
    return UserFactory()
