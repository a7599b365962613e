"""Imports at the same time, in real threads. Only the run on PostgreSQL proves it."""

from functools import partial

import pytest
from django.utils import timezone

from approvals.models import ApprovalRequest
from exchange.applying import ChangedMeanwhileError
from exchange.models import FileImport
from exchange.services import NotImportedError, apply_or_request, upload
from gamification.admin.earnable_resources import AchievementResource
from gamification.models import Achievement
from levels.admin.level_resource import LevelResource
from levels.models import Level
from tests.exchange.importing import as_csv, as_json
from tests.factories import StaffFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def uploaded(resource, actor, content, ending="csv"):
    at = timezone.now()
    return upload(resource=resource(actor=actor, at=at), file_name=f"rows.{ending}", content=content, at=at)


def outcome(source):
    by = {"actor": source.created_by, "at": timezone.now(), "shown": source.fingerprint, "leave_out": False}
    try:
        return type(apply_or_request(source.pk, **by)).__name__
    except (NotImportedError, ChangedMeanwhileError) as refusal:
        return type(refusal).__name__


def rows(count, name="Level"):
    return as_csv([{"level_id": f"a{one}", "name": f"{name} {one}", "category": "c"} for one in range(count)])


def achievement(number):
    row = {"achievement_id": f"one-{number}", "name": f"One {number}", "category": "c", "xp_reward": 600}
    return as_json([row | {"condition": {"type": "xp", "threshold": 10}}])


def test_a_double_click_imports_once():
    source = uploaded(LevelResource, StaffFactory(), rows(20))
    found = at_once([partial(outcome, source)] * 4)
    assert sorted(found) == ["FileImport"] + ["NotImportedError"] * 3
    assert (Level.objects.count(), Level.history.count()) == (20, 20)


def test_of_two_imports_of_the_same_rows_one_is_imported_and_the_other_compared_again():
    sources = [uploaded(LevelResource, StaffFactory(), rows(20, name)) for name in ("Level", "Stage")]
    found = at_once([partial(outcome, source) for source in sources])
    assert sorted(found) == ["ChangedMeanwhileError", "FileImport"]
    waiting = FileImport.objects.get(state="compared")
    assert waiting.counts == {"changed": 20}
    assert len({name.split()[0] for name in Level.objects.values_list("name", flat=True)}) == 1


def test_what_one_person_gives_by_two_imports_side_by_side_is_summed():
    actor = StaffFactory()
    before = Achievement.objects.count()
    sources = [uploaded(AchievementResource, actor, achievement(number), "json") for number in range(2)]
    found = at_once([partial(outcome, source) for source in sources])
    assert sorted(found) == ["ApprovalRequest", "FileImport"]
    assert (Achievement.objects.count(), ApprovalRequest.objects.count()) == (before + 1, 1)
