"""What Django's own road would do, in fewer steps."""

import pytest
from django.db import connection

from gamification.models import LearnerProfile, LedgerEntry
from gamification.prepared import Prepared
from gamification.writes import update_row
from levels.models import Level
from tests.factories import LevelFactory

pytestmark = pytest.mark.django_db


def test_an_update_writes_the_named_fields_and_no_others(learner):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    profile.levels_completed, profile.counters, profile.time_zone = 3, {"languages": 2}, "Asia/Jakarta"
    update_row(profile, ["levels_completed", "counters"])
    profile.refresh_from_db()
    assert (profile.levels_completed, profile.counters, profile.time_zone) == (3, {"languages": 2}, "UTC")


def test_an_update_of_a_row_that_is_gone_is_refused(learner):
    profile = LearnerProfile.objects.get(pk=learner.pk)
    LearnerProfile.objects.filter(pk=learner.pk).delete()
    with pytest.raises(LearnerProfile.DoesNotExist):
        update_row(profile, ["levels_completed"])


def test_a_prepared_queryset_gives_what_the_queryset_gives():
    """With related rows, JSON, annotations, and other values the second time."""
    levels = [LevelFactory(level_id=name, skills=[name]) for name in ("one", "two")]
    find = Prepared(lambda name: Level.objects.with_has_missing([]).filter(level_id=name))
    for level in levels:
        (found,) = find(level.level_id)
        assert (found, found.skills, found.created_at, found.has_missing) == (level, level.skills, level.created_at, 0)
    assert find("three") == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite takes Django's own road")
def test_a_value_that_the_statement_does_not_hold_as_it_is_is_refused():
    with pytest.raises(ValueError, match="as it is"):
        Prepared(lambda number: LedgerEntry.objects.filter(sequence=number + 1))(5)
