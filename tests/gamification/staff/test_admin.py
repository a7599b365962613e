"""The admin: the ledger is read-only; XP is adjusted with a preview, a reason, a note and the permission."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from gamification.models import LearnerProfile, LedgerEntry, Unlock
from tests.factories import StaffFactory, UserFactory, adjust
from tests.gamification.earnables.factories import AchievementFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def xp_staff(client):
    """Staff with the permissions to adjust XP and to view learners."""
    user = StaffFactory(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=["award_xp", "view_learnerprofile"]))
    client.force_login(user)
    return user


def adjust_url(learner):
    return reverse("admin:gamification_learnerprofile_adjust", args=[learner.pk])


def form(client, learner, **changes):
    page = client.get(adjust_url(learner))
    hidden = page.context["form"]["reference_id"].value()
    return {"amount": 150, "reason": "Prize", "note": "Won the fair.", "reference_id": hidden, **changes}


def total_of(learner):
    return LearnerProfile.objects.get(pk=learner.pk).total_xp


def test_adjusting_shows_the_new_balance_before_anything_happens(client, xp_staff, learner):
    page = client.post(adjust_url(learner), form(client, learner, _preview="1"))
    assert page.status_code == 200
    assert "<strong>150 XP</strong>, level 2 (Novice)" in page.content.decode()
    assert LedgerEntry.objects.count() == 0


def test_the_preview_shows_what_the_adjustment_then_unlocks(client, xp_staff, learner):
    adjust(learner_id=learner.pk, amount=1_000, reason="A gift", actor=StaffFactory(), at=timezone.now())
    AchievementFactory(name="Rich", condition={"type": "xp", "threshold": 1_900}, xp_reward=150)
    page = client.post(adjust_url(learner), form(client, learner, amount=900, _preview="1")).content.decode()
    assert "<strong>2050 XP</strong>" in page
    assert "The achievement “Rich” is unlocked and pays 150 XP." in page
    assert (LedgerEntry.objects.count(), Unlock.objects.count(), total_of(learner)) == (1, 0, 1_000)
    client.post(adjust_url(learner), form(client, learner, amount=900, _apply="900"))
    assert total_of(learner) == 2_050


def test_the_form_shows_its_limits_and_required_fields(client, xp_staff, learner):
    page = client.get(adjust_url(learner)).content.decode()
    assert "XP to give, at most 10,000; a negative number takes, at most as much. Not 0." in page
    assert page.count('class="help">Required') == 2


def test_adjusting_writes_an_entry_with_reason_note_and_actor(client, xp_staff, learner):
    client.post(adjust_url(learner), form(client, learner, _apply="150"))
    entry = LedgerEntry.objects.get()
    assert (entry.delta, entry.reason, entry.note, entry.actor) == (
        150,
        "manual_adjustment",
        "Prize\nWon the fair.",
        xp_staff,
    )
    assert total_of(learner) == 150


def test_an_amount_that_was_changed_after_the_preview_is_previewed_first(client, xp_staff, learner):
    page = client.post(adjust_url(learner), form(client, learner, _apply="1500", amount=50))
    assert "<strong>50 XP</strong>" in page.content.decode()
    assert LedgerEntry.objects.count() == 0


def test_a_double_click_adjusts_once(client, xp_staff, learner):
    body = form(client, learner, _apply="150")
    for _ in range(2):
        client.post(adjust_url(learner), body)
    assert total_of(learner) == 150


@pytest.mark.parametrize(
    "change", [{"amount": 0}, {"amount": 10_001}, {"amount": "x"}, {"reason": "ab"}, {"note": ""}, {"amount": -1}]
)
def test_a_bad_or_impossible_adjustment_changes_nothing(client, xp_staff, learner, change):
    page = client.post(adjust_url(learner), form(client, learner, _apply=change.get("amount", 150), **change))
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert LedgerEntry.objects.count() == 0


def test_nobody_adjusts_themselves(client, xp_staff):
    body = {"amount": 150, "reason": "Prize", "note": "Mine.", "reference_id": "x", "_apply": "150"}
    page = client.post(adjust_url(xp_staff), body, follow=True)
    assert "Nobody adjusts or reverses their own XP." in page.content.decode()
    assert LedgerEntry.objects.count() == 0


def test_adjusting_requires_the_permission(client, learner):
    client.force_login(StaffFactory(is_superuser=False))
    assert client.get(adjust_url(learner)).status_code == 403
    client.force_login(UserFactory())
    assert client.get(adjust_url(learner)).status_code == 302


@pytest.mark.parametrize("model", ["ledgerentry", "learnerprofile"])
def test_the_ledger_and_profiles_are_read_only_even_for_superusers(admin_client, xp_staff, learner, client, model):
    client.post(adjust_url(learner), form(client, learner, _apply="150"))
    row = LedgerEntry.objects.get().pk if model == "ledgerentry" else learner.pk
    change = reverse(f"admin:gamification_{model}_change", args=[row])
    assert admin_client.get(reverse(f"admin:gamification_{model}_changelist")).status_code == 200
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {"delta": 1, "total_xp": 1}).status_code == 403
    assert admin_client.get(reverse(f"admin:gamification_{model}_add")).status_code == 403
    assert admin_client.post(reverse(f"admin:gamification_{model}_delete", args=[row])).status_code == 403
