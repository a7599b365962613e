import pytest
from django.contrib.auth.models import Permission

from tests.factories import LevelFactory, StaffFactory
from tracking.models import Completion
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level

STEWARD = [
    *("award_xp", "decide_held_results", "reverse_since"),
    *("view_completion", "view_learnerprofile", "view_ledgerentry", "view_level"),
]


@pytest.fixture(autouse=True)
def _frozen_clock(time_machine):
    time_machine.move_to("2026-11-20T12:00:00Z", tick=False)


@pytest.fixture
def steward(client):
    """An XP steward, signed in with `client`."""
    return sign_in_steward(client)


def sign_in_steward(client):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename__in=STEWARD))
    client.force_login(person)
    return person


@pytest.fixture
def slow(db):
    """A level that nobody finishes within a minute."""
    return LevelFactory(level_id="slow", repeat_policy="full", metadata={"min_seconds": 60})


@pytest.fixture
def hold(slow):
    """`hold(learner, moment)` returns a result that is held as too fast; released it pays 18 XP, without a bonus."""

    def hold(learner, moment, score=850):
        complete_level(learner=learner, claim=Claim("slow", score, 1), source="api", at=moment)
        return Completion.objects.filter(learner=learner).latest("pk")

    return hold
