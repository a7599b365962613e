"""What holds for every kind of request: who may decide, and that it takes effect once."""

import pytest
from django.contrib.auth.models import Permission
from django.core.checks import run_checks
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import PermissionDenied

from approvals.errors import AlreadyDecided, OwnRequest, OwnXP
from approvals.models import ApprovalRequest
from approvals.services import approve, decline, is_above_limit, waiting_for
from tests.factories import StaffFactory, UserFactory

from .kinds import ask, statuses

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def colleague():
    return StaffFactory()


def steward():
    person = StaffFactory(is_superuser=False)
    person.user_permissions.set(Permission.objects.filter(codename="award_xp"))
    return person


def test_what_is_approved_is_applied_and_keeps_who_decided_and_what_became_of_it(staff, colleague):
    request = approve(ask(staff, NOW).pk, actor=colleague, at=NOW, note="Fine.")
    request.refresh_from_db()
    assert (request.status, request.decided_by, request.decided_at, request.decision_note) == (
        "approved",
        colleague,
        NOW,
        "Fine.",
    )
    assert request.result == {"done": "Marked one.", "by": colleague.pk}


def test_asking_twice_for_the_same_makes_one_request_and_for_another_thing_a_second_one(staff):
    first = ask(staff, NOW)
    assert ask(staff, NOW) == first
    assert ask(staff, NOW, mark="two") != first
    assert ask(staff, NOW, subject="test:2") != first
    assert statuses() == ["waiting"] * 3


def test_what_counts_as_the_same_can_be_said(staff):
    assert ask(staff, NOW, mark="one", same="key") == ask(staff, NOW, mark="two", same="key")


def test_what_was_decided_can_be_asked_for_again(staff, colleague):
    decline(ask(staff, NOW).pk, actor=colleague, at=NOW)
    ask(staff, NOW)
    assert statuses() == ["declined", "waiting"]


def test_nobody_approves_their_own_request(staff):
    with pytest.raises(OwnRequest):
        approve(ask(staff, NOW).pk, actor=staff, at=NOW)
    assert statuses() == ["waiting"]


def test_without_the_right_nobody_approves_or_declines(staff):
    request = ask(staff, NOW)
    for decide in (approve, decline):
        with pytest.raises(PermissionDenied):
            decide(request.pk, actor=StaffFactory(is_superuser=False), at=NOW)
    assert statuses() == ["waiting"]


def test_whoever_was_deactivated_decides_nothing(staff):
    with pytest.raises(PermissionDenied):
        approve(ask(staff, NOW).pk, actor=StaffFactory(is_active=False), at=NOW)


def test_a_request_about_a_learner_is_neither_made_nor_approved_by_them(staff, colleague):
    with pytest.raises(OwnXP):
        ask(staff, NOW, learner_id=staff.pk)
    with pytest.raises(OwnXP):
        approve(ask(staff, NOW, learner_id=colleague.pk).pk, actor=colleague, at=NOW)
    assert statuses() == ["waiting"]


def test_whoever_asked_withdraws_and_others_decline(staff, colleague):
    for person in (staff, colleague):
        decline(ask(staff, NOW).pk, actor=person, at=NOW, note="No.")
    assert statuses() == ["withdrawn", "declined"]


def test_a_decision_is_final(staff, colleague):
    request = ask(staff, NOW)
    approve(request.pk, actor=colleague, at=NOW)
    for decide in (approve, decline):
        with pytest.raises(AlreadyDecided):
            decide(request.pk, actor=colleague, at=NOW)
    assert statuses() == ["approved"]


def test_the_database_refuses_wrong_decisions(staff, colleague, learner):
    rows = ApprovalRequest.objects.filter(pk=ask(staff, NOW, learner_id=learner.pk).pk)
    for change in [
        {"status": "approved", "decided_at": NOW, "decided_by": staff},
        {"status": "approved", "decided_at": NOW, "decided_by": learner},
        {"status": "approved", "decided_at": NOW},
        {"status": "approved", "decided_by": colleague},
        {"status": "declined"},
        {"decided_at": NOW},
        {"requested_by": learner},
    ]:
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


@pytest.mark.parametrize(("xp", "is_above"), [(1_000, False), (1_001, True), (-1_000, False), (-1_001, True)])
def test_the_limit_holds_for_what_is_given_and_for_what_is_taken(xp, is_above):
    assert is_above_limit(xp) == is_above


def test_people_wait_for_whoever_may_decide_and_is_another_one(staff, colleague):
    request = ask(staff, NOW, learner_id=UserFactory().pk)
    ask(staff, NOW, learner_id=colleague.pk, mark="two")
    assert list(waiting_for(colleague)) == [request]
    assert waiting_for(steward()).count() == 2
    assert not waiting_for(staff).exists()
    assert not waiting_for(StaffFactory(is_superuser=False)).exists()


def warnings():
    return [
        problem.msg for problem in run_checks(tags=["database"], databases=["default"]) if "Only one" in problem.msg
    ]


def test_the_check_warns_where_one_person_alone_has_the_right(settings):
    assert warnings() == []
    person = steward()
    assert warnings() == [
        "Only one active person may decide about requests that take gamification.award_xp: what they ask for waits."
    ]
    StaffFactory(is_superuser=False, is_active=False).user_permissions.set(person.user_permissions.all())
    UserFactory().user_permissions.set(person.user_permissions.all())
    assert len(warnings()) == 1
    settings.XP_APPROVAL_ABOVE = 1_000_000
    assert warnings() == []
    settings.XP_APPROVAL_ABOVE = 1_000
    steward()
    assert warnings() == []
