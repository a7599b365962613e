"""The migration that makes approval requests of the adjustment requests from before."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from approvals.errors import AlreadyDecided
from approvals.models import ApprovalRequest
from approvals.services import approve
from gamification.models import LearnerProfile
from gamification.staff.approvals import request_adjustment
from tests.factories import StaffFactory, UserFactory, adjust

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
BEFORE = ("gamification", "0008_limits")


def migrate_back():
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    state = executor.migrate([BEFORE])
    return state.apps.get_model("gamification", "AdjustmentRequest"), newest


@pytest.mark.tampers  # going back drops columns of totals that later migrations added
def test_waiting_and_decided_requests_are_moved_with_their_ids_and_entries():
    learner, asker, boss = UserFactory(), StaffFactory(), StaffFactory()
    line = adjust(learner_id=learner.pk, amount=2_000, reason="Gift", actor=asker, at=NOW, reference_id="paid")
    old, newest = migrate_back()
    common = {"learner_id": learner.pk, "requested_by_id": asker.pk, "requested_at": NOW, "reason": "r", "note": "n"}
    decided = {"decided_by_id": boss.pk, "decided_at": NOW}
    old.objects.create(pk=7, amount=5_000, reference_id="waits", **common)
    old.objects.create(
        pk=9, amount=2_000, reference_id="paid", status="approved", entry_id=line.pk, **common, **decided
    )
    old.objects.create(pk=11, amount=3_000, reference_id="no", status="declined", **common, **decided)
    own = {"decided_by_id": asker.pk, "decided_at": NOW}
    old.objects.create(pk=12, amount=4_000, reference_id="taken back", status="declined", **common, **own)
    MigrationExecutor(connection).migrate(newest)
    moved = ApprovalRequest.objects.order_by("pk").values_list("pk", "status", "xp", "reason", "note")
    assert list(moved) == [
        (7, "waiting", 5_000, "r", "n"),
        (9, "approved", 2_000, "r", "n"),
        (11, "declined", 3_000, "r", "n"),
        (12, "withdrawn", 4_000, "r", "n"),
    ]
    assert ApprovalRequest.objects.get(pk=9).result["entry_id"] == line.pk
    approve(7, actor=boss, at=NOW)
    assert LearnerProfile.objects.get(pk=learner.pk).total_xp == 7_000
    again = {"learner_id": learner.pk, "reason": "r", "note": "n", "actor": asker, "at": NOW}
    with pytest.raises(AlreadyDecided):
        request_adjustment(amount=3_000, reference_id="no", **again)
    assert request_adjustment(amount=6_000, reference_id="new", **again).pk > 12


def test_whoever_could_view_adjustment_requests_can_view_approvals():
    person = StaffFactory(is_superuser=False)
    _, newest = migrate_back()
    ContentType.objects.filter(app_label="approvals").delete()
    old_type = ContentType.objects.create(app_label="gamification", model="adjustmentrequest")
    person.user_permissions.add(
        Permission.objects.create(
            content_type=old_type, codename="view_adjustmentrequest", name="Can view adjustment request"
        )
    )
    MigrationExecutor(connection).migrate(newest)
    ContentType.objects.clear_cache()
    assert type(person).objects.get(pk=person.pk).has_perm("approvals.view_approvalrequest")
