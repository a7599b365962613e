"""What migrations make of the rows of an old installation: all in one upgrade, because going back takes long.

Each story makes rows with the models of today, which going back turns into rows of then; gets the models of the
installation from before approvals; and, after the upgrade, says what has become of the rows.
"""

from collections.abc import Generator

import pytest
from django.apps.registry import Apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from approvals.errors import AlreadyDecided
from approvals.models import ApprovalRequest
from approvals.services import approve
from gamification.awards.activity import check_achievements
from gamification.ledger.protection import find_problems
from gamification.models import BadgeAward, LearnerProfile, LedgerEntry, Unlock
from gamification.staff.approvals import request_adjustment
from gamification.staff.awards import award_badge
from tests.factories import StaffFactory, UserFactory, adjust

from .earnables.factories import AchievementFactory, BadgeFactory, UnlockFactory, metric

NOW = timezone.now()
BEFORE_UNLOCKS_KEPT = ("gamification", "0001_initial")
BEFORE_APPROVALS = ("gamification", "0008_limits")
ONCE, FIFTY_TIMES = metric("completions", 1), metric("completions", 50)

Story = Generator[None, Apps, None]


def migrate_to(target: tuple[str, str]) -> Apps:
    return MigrationExecutor(connection).migrate([target]).apps


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_fills_and_moves_the_rows_of_an_old_installation():
    stories = [entries_are_reported(), unlocks_get_conditions(), requests_are_moved(), rights_are_moved()]
    for story in stories:
        next(story)
    migrate_to(BEFORE_UNLOCKS_KEPT)
    models = migrate_to(BEFORE_APPROVALS)
    for story in stories:
        story.send(models)
    call_command("migrate", verbosity=0)
    assert find_problems(connection) == []
    for story in stories:
        assert next(story, "ended") == "ended"


def entries_are_reported() -> Story:
    """Those from before there was trust; and they still cannot be changed."""
    line = adjust(learner_id=UserFactory().pk, amount=10, reason="Test", actor=StaffFactory(), at=NOW)
    yield
    yield
    assert set(LedgerEntry.objects.values_list("trust", flat=True)) == {"reported"}
    with pytest.raises(IntegrityError, match="append-only"):
        LedgerEntry.objects.filter(pk=line.pk).update(trust="verified")


def unlocks_get_conditions() -> Story:
    """The condition from the achievement or badge of today, the reward from the ledger entry."""
    learner = UserFactory()
    unlock_first_and_change_it(learner)
    UnlockFactory(learner=learner, achievement=AchievementFactory(condition=ONCE, xp_reward=70))
    BadgeAward.objects.create(learner=learner, badge=BadgeFactory(condition=ONCE), awarded_at=NOW)
    award_badge(learner_id=learner.pk, badge=BadgeFactory(condition=ONCE), actor=StaffFactory(), at=NOW)
    yield
    yield
    unlocks = Unlock.objects.order_by("pk").values_list("condition", "xp_reward")
    assert list(unlocks) == [(FIFTY_TIMES, 40), (ONCE, 0)]
    assert list(BadgeAward.objects.order_by("pk").values_list("condition", flat=True)) == [ONCE, None]


def unlock_first_and_change_it(learner):
    """Unlocked by one completion for 40 XP; afterwards it requires 50 completions and pays 500 XP."""
    learner.profile.counters = {"completions": 1}
    learner.profile.save()
    achievement = AchievementFactory(achievement_id="first", condition=ONCE, xp_reward=40)
    check_achievements(learner.pk, at=NOW)
    achievement.condition, achievement.xp_reward = FIFTY_TIMES, 500
    achievement.save()


def requests_are_moved() -> Story:
    """Waiting and decided ones, with their ids and entries."""
    learner, asker, boss = UserFactory(), StaffFactory(), StaffFactory()
    line = adjust(learner_id=learner.pk, amount=2_000, reason="Gift", actor=asker, at=NOW, reference_id="paid")
    models = yield
    make_old_requests(models.get_model("gamification", "AdjustmentRequest"), line, asker, boss)
    yield
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


def make_old_requests(model, line, asker, boss):
    common = {
        "learner_id": line.learner_id,
        "requested_by_id": asker.pk,
        "requested_at": NOW,
        "reason": "r",
        "note": "n",
    }
    decided, own = ({"decided_by_id": person.pk, "decided_at": NOW} for person in (boss, asker))
    paid = {"status": "approved", "entry_id": line.pk, **decided}
    model.objects.create(pk=7, amount=5_000, reference_id="waits", **common)
    model.objects.create(pk=9, amount=2_000, reference_id="paid", **common, **paid)
    model.objects.create(pk=11, amount=3_000, reference_id="no", status="declined", **common, **decided)
    model.objects.create(pk=12, amount=4_000, reference_id="taken back", status="declined", **common, **own)


def rights_are_moved() -> Story:
    """Whoever could view adjustment requests can view approvals."""
    person = StaffFactory(is_superuser=False)
    yield
    ContentType.objects.filter(app_label="approvals").delete()
    old_type = ContentType.objects.create(app_label="gamification", model="adjustmentrequest")
    name = {"codename": "view_adjustmentrequest", "name": "Can view adjustment request"}
    person.user_permissions.add(Permission.objects.create(content_type=old_type, **name))
    yield
    ContentType.objects.clear_cache()
    assert type(person).objects.get(pk=person.pk).has_perm("approvals.view_approvalrequest")
