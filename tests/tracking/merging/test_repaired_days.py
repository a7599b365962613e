"""Days that staff repaired for a guest or an account stay repaired in the account that the guest is merged into."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from gamification.awards.activity import check_in
from gamification.models import DayRepair, LearnerProfile
from gamification.staff.day_repairs import repair_day
from tests.factories import StaffFactory, UserFactory
from tests.gamification.streaks.day_patterns import day, noon, pattern_of
from tracking.maintenance.rebuilding import rebuild_profiles
from tracking.merging.services import merge_learners

pytestmark = pytest.mark.django_db


def repair(learner, number, actor=None):
    why = {"actor": actor or StaffFactory(), "reason": "No network", "note": "Ticket 7", "at": noon(7)}
    return repair_day(learner_id=learner.pk, date=day(number), **why)


def merge(guest, account):
    with transaction.atomic():
        merge_learners(guest_id=guest.pk, account_id=account.pk, at=noon(8))


def repairs_of(learner):
    return list(DayRepair.objects.filter(learner=learner).values_list("date", flat=True))


def without_freezes(*people):
    LearnerProfile.objects.filter(pk__in=[person.pk for person in people]).update(freezes_available=0, first_freezes=0)


def test_days_of_both_stay_repaired(learner):
    guest, account = UserFactory(), learner
    without_freezes(guest, account)
    for person, numbers in ((guest, (1, 2, 4)), (account, (5, 7))):
        for number in numbers:
            check_in(person.pk, at=noon(number))
    repair(guest, 3)
    repair(account, 6)
    merge(guest, account)
    assert (pattern_of(account), repairs_of(account), repairs_of(guest)) == ("AAPAAPA", [day(6), day(3)], [])
    assert LearnerProfile.objects.get(pk=account.pk).streak_run == 5
    assert list(rebuild_profiles(write=False, at=datetime.now(UTC))) == []


def test_a_repair_by_the_owner_of_the_account_is_not_carried_along():
    guest, owner = UserFactory(), StaffFactory()
    without_freezes(guest, owner)
    for number in (1, 3):
        check_in(guest.pk, at=noon(number))
    repair(guest, 2, actor=owner)
    merge(guest, owner)
    assert (pattern_of(owner), DayRepair.objects.count()) == ("A.A", 0)
