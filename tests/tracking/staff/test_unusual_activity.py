"""The page that lists learners whose activity is unusual."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gamification.models import LearnerProfile
from tests.factories import LevelFactory, StaffFactory, UserFactory, adjust
from tracking.recording.completions import Claim
from tracking.recording.services import complete_level
from tracking.staff.unusual_activity import find_unusual_activity

PAGE = reverse("admin:gamification_learnerprofile_unusual")


@pytest.fixture(autouse=True)
def _maze(db):
    LevelFactory(level_id="maze", repeat_policy="full")


def play(learner, *moments):
    """Pays 10 XP each."""
    for moment in moments:
        complete_level(learner=learner, claim=Claim("maze", 0, 60), source="api", at=moment)


def ago(**more):
    return timezone.now() - timedelta(**more)


def shown(suspects):
    return [(suspect.profile.pk, suspect.number, suspect.when) for suspect in suspects]


def found():
    return find_unusual_activity(timezone.now())


def test_learners_are_listed_by_their_highest_hour_and_their_highest_day(time_machine):
    steady, fast = UserFactory(), UserFactory()
    play(steady, *(ago(hours=hours) for hours in (1, 2, 3)))
    play(fast, ago(minutes=1), ago(minutes=2), ago(days=8))
    hour, day = ago(hours=1), timezone.now().replace(hour=0)
    assert shown(found().by_hour) == [(fast.pk, 20, hour), (steady.pk, 10, ago(hours=3))]
    assert shown(found().by_day) == [(steady.pk, 30, day), (fast.pk, 20, day)]


def test_what_staff_gave_is_verified_and_does_not_count(learner):
    adjust(learner_id=learner.pk, amount=500, reason="A gift", actor=StaffFactory(), at=timezone.now())
    assert (found().by_hour, found().by_day) == ([], [])


def test_most_held_results_and_youngest_accounts_on_boards(hold):
    old, new, hidden, idle = UserFactory.create_batch(4)
    for learner in (old, new, hidden):
        play(learner, ago(hours=1))
    LearnerProfile.objects.filter(pk=hidden.pk).update(listed=False)
    for learner, number in ((idle, 1), (old, 2)):
        for hours in range(number):
            hold(learner, ago(hours=hours + 2))
    assert shown(found().most_held) == [(old.pk, 2, None), (idle.pk, 1, None)]
    assert [pk for pk, _, _ in shown(found().youngest)] == [new.pk, old.pk]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_the_page_links_to_what_can_be_done_with_few_statements(client, steward, hold, number):
    learners = UserFactory.create_batch(number)
    for learner in learners:
        play(learner, ago(hours=1))
        hold(learner, ago(hours=2))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(PAGE)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert (len(queries) <= 12, "Nobody." in page) == (True, number == 0)
    for learner in learners:
        for name in ("gamification_learnerprofile_reverse_since", "tracking_completion_held_learner"):
            assert reverse(f"admin:{name}", args=[learner.pk]) in page


def test_analysts_see_it_without_the_links_to_acts(client, learner):
    viewer = StaffFactory(is_superuser=False)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_learnerprofile"))
    client.force_login(viewer)
    play(learner, ago(hours=1))
    page = client.get(PAGE).content.decode()
    assert str(learner) in page
    assert "/reverse/" not in page
    viewer.user_permissions.clear()
    assert client.get(PAGE).status_code == 403
